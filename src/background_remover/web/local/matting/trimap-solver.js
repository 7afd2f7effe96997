/** Solves a trimap: the alpha of its unknown pixels from the colours of the known ones (matting/trimap_solver.py). */

import { enlarge, enlargement, nearest } from "../arrays/enlarge.js";
import { reduced } from "../arrays/reduce.js";
import { resize } from "../arrays/resample.js";
import { plane, within } from "../arrays/size.js";
import { Laplacian } from "./laplacian.js";

// Of each scale the picture's longest side, the steps taken at most, and at which share of the first error to stop.
const SCALES = [
  { longest: 64, steps: 100, share: 1e-3 },
  { longest: 128, steps: 100, share: 1e-3 },
  { longest: 256, steps: 60, share: 1e-2 },
  { longest: 512, steps: 30, share: 2e-2 },
];
const PULL = 0.2; // the largest weight of a guess from colours alone, relative to a window
const SURE = 0.9; // an alpha above it, or below 1 minus it, counts as known in the next scale's guess
const FAR = 0.05; // the weight of distant colours in a mean
const ROUNDING = 1e-5; // the mean error of a pixel's alpha that may come from rounding alone, and is not worked on
const APART = 0.02; // the squared distance of subject and background colours at which a guess has half its weight

/** Return the alpha of an image (bytes) at its own size from a trimap, a plane of levels 0, 128 and 255. */
export function solve(image, trimap) {
  const levels = enlargedNearest(trimap, image);
  const alpha = plane(levels, Float32Array.from(levels.data, (one) => (one === 255 ? 1 : 0)));
  if (!levels.data.some((one) => one > 0 && one < 255)) return alpha;
  const { functions, size } = functionsOf(image, levels);
  const row = enlargement(size, image);
  const line = functions.map(() => new Float32Array(image.width));
  for (let y = 0, at = 0; y < image.height; y += 1) {
    const start = at;
    if (!levels.data.subarray(start, start + image.width).some((one) => one > 0 && one < 255)) {
      at += image.width;
      continue;
    }
    row(functions, y, 0, image.width, line);
    for (let x = 0; x < image.width; x += 1, at += 1) {
      if (levels.data[at] === 0 || levels.data[at] === 255) continue;
      const colours = [0, 1, 2].map((channel) => image.data[at * image.channels + channel] / 255 - 0.5);
      alpha.data[at] = clip(line[3][x] + line[0][x] * colours[0] + line[1][x] * colours[1] + line[2][x] * colours[2]);
    }
  }
  return alpha;
}

function clip(value) {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

function enlargedNearest(trimap, { height, width }) {
  const [rows, columns] = [nearest(trimap.height, height), nearest(trimap.width, width)];
  const made = plane({ height, width }, new Uint8Array(height * width));
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) made.data[at] = trimap.data[rows[y] * trimap.width + columns[x]];
  }
  return made;
}

/** The linear functions of the last scale for centred colours, four Float32Arrays, and their size. */
function functionsOf(image, levels) {
  let functions = [0, 0, 0, 0.5].map((value) => Float32Array.of(value));
  let size = { height: 1, width: 1 };
  for (const level of pyramid(image, levels)) {
    const { guide, own, behind, scale } = level;
    const free = own.data.map((one, at) => (1 - one - behind.data[at] > 0 ? 1 : 0)); // where any part is unknown
    const large = enlarge(functions, size, own);
    const alpha = own.data.map((one, at) => {
      return free[at] ? clip(large[3][at] + [0, 1, 2].reduce((sum, i) => sum + large[i][at] * guide[i][at], 0)) : one;
    });
    const laplacian = new Laplacian(guide, plane(own, free));
    const near = plane(own, own.data.map((one, at) => one + free[at] * above(alpha[at])));
    const far = plane(own, behind.data.map((one, at) => one + free[at] * above(1 - alpha[at])));
    functions = laplacian.functions(minimised(laplacian, alpha, free, guessOf(guide, near, far), scale));
    size = { height: own.height, width: own.width };
  }
  return { functions, size };
}

/** The colours, the known subject and the known background of each scale, the smallest first. */
function pyramid(image, levels) {
  let own = plane(levels, Float32Array.from(levels.data, (one) => (one === 255 ? 1 : 0)));
  let behind = plane(levels, Float32Array.from(levels.data, (one) => (one === 0 ? 1 : 0)));
  const made = [...SCALES].reverse().map((scale) => {
    const size = within(levels, scale.longest);
    [image, own, behind] = [image, own, behind].map((one) => reduced(one, size));
    const { data, channels } = image;
    const guide = [0, 1, 2].map((i) => own.data.map((_, at) => data[at * channels + i] / 255 - 0.5));
    return { guide, own, behind, scale };
  });
  return made.reverse();
}

function above(alpha) {
  return clip((alpha - SURE) / (1 - SURE));
}

/** Where each colour lies between the subject's and the background's mean colours nearby, and the weight of that. */
function guessOf(guide, own, behind) {
  const made = { guess: new Float32Array(own.data.length), pull: new Float32Array(own.data.length) };
  if (!own.data.some(Boolean) || !behind.data.some(Boolean)) return made;
  const [near, far] = [meansOf(guide, own), meansOf(guide, behind)];
  for (let at = 0; at < own.data.length; at += 1) {
    const apart = [0, 1, 2].map((i) => near[i][at] - far[i][at]);
    const away = [0, 1, 2].map((i) => guide[i][at] - far[i][at]);
    const distance = dot3(apart, apart);
    const share = clip(dot3(away, apart) / (distance + 1e-4));
    const beside = [0, 1, 2].map((i) => away[i] - share * apart[i]); // the rest that no mixture of the two explains
    made.guess[at] = share;
    made.pull[at] = (PULL * distance) / (distance + APART + 4 * dot3(beside, beside));
  }
  return made;
}

function dot3([x, y, z], [u, v, w]) {
  return x * u + y * v + z * w;
}

/** The weighted mean colour around every pixel: of neighbours, or else of pixels further off. */
function meansOf(colours, weight) {
  const sums = [...colours.map((one) => one.map((value, at) => value * weight.data[at])), weight.data];
  return filled(sums, { height: weight.height, width: weight.width });
}

function filled(sums, size) {
  const [total, colours] = [sums[3], sums.slice(0, 3)];
  if (Math.max(size.height, size.width) <= 2) return colours.map((one) => one.map((sum, at) => sum / Math.max(total[at], 1e-6)));
  const half = { height: (size.height + 1) >> 1, width: (size.width + 1) >> 1 };
  const coarser = filled(sums.map((data) => resize(plane(size, data), half, "box").data), half);
  const large = enlarge(coarser, half, size);
  return colours.map((one, index) => one.map((sum, at) => (large[index][at] * FAR + sum) / (total[at] + FAR)));
}

/** The alpha of least energy, alpha' L alpha + pull (alpha - guess)^2, where only the free pixels may change. */
function minimised(laplacian, alpha, free, { guess, pull }, { steps, share }) {
  const diagonal = laplacian.diagonal.map((one, at) => one + pull[at]);
  const product = laplacian.times(alpha);
  const left = free.map((one, at) => one * (pull[at] * (guess[at] - alpha[at]) - product[at]));
  let ahead = left.map((one, at) => one / diagonal[at]);
  let error = dot(left, ahead);
  const enough = Math.max(share ** 2 * error, ROUNDING ** 2 * dot(free, diagonal));
  for (let step = 0; step < steps && error > enough; step += 1) {
    const times = laplacian.times(ahead);
    const change = free.map((one, at) => one * (times[at] + pull[at] * ahead[at]));
    const stride = error / dot(ahead, change);
    for (let at = 0; at < alpha.length; at += 1) {
      alpha[at] += stride * ahead[at];
      left[at] -= stride * change[at];
    }
    const before = error;
    const scaled = left.map((one, at) => one / diagonal[at]);
    error = dot(left, scaled);
    ahead = scaled.map((one, at) => one + (error / before) * ahead[at]);
  }
  return alpha.map(clip);
}

function dot(one, other) {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += one[at] * other[at];
  return sum;
}
