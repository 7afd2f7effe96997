/** A part of a picture with the alpha that the server found, without the old background in the colours of its edges. */

import { canvas } from "../drawing/canvas.js";
import { Means } from "./means.js";

const CELLS = 4; // in a stroke's radius: the squares whose mean colours are compared
const LEAST_CELL = 4; // pixels
const STIFFNESS = 0.02; // the weight of keeping to the means, as the server's

/**
 * A canvas of a size with bands of a picture, `{ band, image, levels }`: of each its place, its pixels, which are changed, and
 * the levels that become their alpha; `radius` is the stroke's.
 *
 * The colour of the subject alone in a pixel is that which explains what is seen there with the least change of the
 * subject's and the background's mean colours around it (Forte, "Approximate Fast Foreground Colour Estimation", ICIP
 * 2021), with one scale of means in place of the server's many.
 */
export function cutoutOf(size, bands, radius) {
  const made = canvas(size.width, size.height);
  const context = made.getContext("2d");
  const means = new Means(size, Math.max(LEAST_CELL, Math.round(radius / CELLS)));
  const parts = bands.map(({ band, image, levels }) => {
    const shares = sharesOf(image.data, levels);
    means.add(image.data, shares, band);
    return { band, image, levels, shares };
  });
  means.spread();
  for (const { band, image, levels, shares } of parts) {
    takeOutBackground(image, shares, band, means);
    for (let at = 0; at < levels.length; at++) image.data[4 * at + 3] = levels[at];
    context.putImageData(image, band.x, band.y);
  }
  return made;
}

/** How much of what can be seen of each pixel is the subject, of 255. */
function sharesOf(data, levels) {
  const shares = new Uint8Array(data.length / 4);
  for (let pixel = 0, at = 0; at < data.length; pixel++, at += 4) {
    const level = levels[pixel];
    shares[pixel] = data[at + 3] === 255 ? level : Math.min((255 * level) / (data[at + 3] || 255), 255);
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
