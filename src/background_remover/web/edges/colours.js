/** A part of a picture with the alpha that the server found, without the old background in the colours of its edges. */

import { canvas } from "../drawing/canvas.js";
import { Means } from "./means.js";

const CELLS = 4; // in a stroke's radius: the squares whose mean colours are compared
const LEAST_CELL = 4; // pixels
const STIFFNESS = 0.02; // the weight of keeping to the means, as the server's

/**
 * A canvas of `original` with a mask's levels as its alpha, within `bands` of it alone; `radius` is the stroke's.
 *
 * The colour of the subject alone in a pixel is that which explains what is seen there with the least change of the
 * subject's and the background's mean colours around it (Forte, "Approximate Fast Foreground Colour Estimation", ICIP
 * 2021), with one scale of means in place of the server's many.
 */
export function cutoutOf(original, mask, radius, bands) {
  const made = canvas(original.width, original.height);
  const context = made.getContext("2d");
  const means = new Means(original, Math.max(LEAST_CELL, Math.round(radius / CELLS)));
  const parts = bands.map((band) => {
    const image = read(original, band);
    const levels = read(mask, band).data;
    const shares = sharesOf(image.data, levels);
    means.add(image.data, shares, band);
    return { band, image, levels, shares };
  });
  means.spread();
  for (const { band, image, levels, shares } of parts) {
    takeOutBackground(image, shares, band, means);
    for (let at = 3; at < levels.length; at += 4) image.data[at] = levels[at - 3];
    context.putImageData(image, band.x, band.y);
  }
  return made;
}

/** The pixels of a part of a bitmap. */
function read(source, { x, y, width, height }) {
  const context = canvas(width, height).getContext("2d");
  context.drawImage(source, -x, -y);
  return context.getImageData(0, 0, width, height);
}

/** How much of what can be seen of each pixel is the subject, of 255; `levels` are RGBA of a mask. */
function sharesOf(data, levels) {
  const shares = new Uint8Array(data.length / 4);
  for (let pixel = 0, at = 0; at < data.length; pixel++, at += 4) {
    shares[pixel] = data[at + 3] === 255 ? levels[at] : Math.min((255 * levels[at]) / (data[at + 3] || 255), 255);
  }
  return shares;
}

function takeOutBackground({ data, width }, shares, band, means) {
  const found = new Float32Array(6);
  for (let pixel = 0; pixel < shares.length; pixel++) {
    const share = shares[pixel];
    if (share === 0 || share === 255) continue;
    const [x, y] = [band.x + (pixel % width), band.y + Math.floor(pixel / width)];
    if (means.at(x, y, found)) explain(data, 4 * pixel, share / 255, found);
  }
}

/** Makes the colour of a pixel that of the subject alone, of which it has `share`. */
function explain(data, at, share, means) {
  const rest = 1 - share;
  const pull = share / (share * share + rest * rest + STIFFNESS);
  for (let channel = 0; channel < 3; channel++) {
    const [own, behind] = [means[channel], means[channel + 3]];
    data[at + channel] = own + pull * (data[at + channel] - share * own - rest * behind);
  }
}
