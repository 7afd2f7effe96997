/** Removes the old background from the colours of the edges in a stroke's part. */

import { canvas } from "../drawing/canvas.js";
import { Means } from "./means.js";

const CELLS = 4; // in a stroke's radius: the squares whose mean colours are compared
const LEAST_CELL = 4; // pixels
const STIFFNESS = 0.02; // the weight of keeping to the means, as the server's

/**
 * A canvas of a size with bands of a picture, `{ band, image, levels, runs }`: of each its place, its pixels, which are changed,
 * the levels that become their alpha, and the runs of those that needn't be 0 or 255; `radius` is the stroke's.
 *
 * The colour of the subject alone in a pixel is that which explains what is seen there with the least change of the
 * subject's and the background's mean colours around it (Forte, "Approximate Fast Foreground Colour Estimation", ICIP
 * 2021), with one scale of means in place of the server's many.
 */
export function cutoutOf(size, bands, radius) {
  const made = canvas(size.width, size.height);
  const context = made.getContext("2d");
  const means = new Means(size, Math.max(LEAST_CELL, Math.round(radius / CELLS)));
  const shares = bands.map(({ image, levels }) => sharesOf(image.data, levels));
  bands.forEach(({ band, image }, index) => means.add(image.data, shares[index], band));
  means.spread();
  bands.forEach(({ band, image, levels, runs }, index) => {
    for (let run = 0; run < runs.length; run += 2) takeOutBackground(image.data, shares[index], runs[run], runs[run + 1], band, means);
    writeAlpha(image.data, levels);
    context.putImageData(image, band.x, band.y);
  });
  return made;
}

/** How much of what can be seen of each pixel is the subject, of 255. */
function sharesOf(data, levels) {
  const shares = levels.slice();
  for (let pixel = 0, at = 3; at < data.length; pixel++, at += 4) {
    if (data[at] !== 255) shares[pixel] = Math.min((255 * levels[pixel]) / (data[at] || 255), 255);
  }
  return shares;
}

function writeAlpha(data, levels) {
  for (let pixel = 0, at = 3; at < data.length; pixel++, at += 4) data[at] = levels[pixel];
}

const found = new Float32Array(6); // means at a pixel

function takeOutBackground(data, shares, first, end, band, means) {
  for (let pixel = first; pixel < end; pixel++) {
    const share = shares[pixel];
    if (share === 0 || share === 255) continue;
    const [x, y] = [band.x + (pixel % band.width), band.y + Math.floor(pixel / band.width)];
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
