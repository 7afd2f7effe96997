/** The guided filter: from a coarse alpha to one at the picture's own size, as the server's `refine` finds it. */

import { boxAny } from "../arrays/box-filter.js";
import { enlargement, nearest } from "../arrays/enlarge.js";
import { boxes, enlargedBoxes, extentOf } from "../arrays/parts.js";
import { reduced } from "../arrays/reduce.js";
import { resize } from "../arrays/resample.js";
import { above, below, isSameSize, plane, rounded, within } from "../arrays/size.js";
import { shared, sharedCopy, sharing, spread } from "../threads.js";
import { fit, workspace } from "./local-linear.js";

// Of each scale the picture's longest side, and the radius of the windows in pixels of the coarse alpha.
const SCALES = [
  { longest: 512, radius: 1.6 },
  { longest: 1024, radius: 0.8 },
];
const SHARPENINGS = 4; // back-projections of the coarse alpha before the first scale
const SURE = 0.02; // a coarse alpha this near 0 or 1 is certain
const REACH = 2; // pixels of the coarse alpha around an uncertain one in which the edge may lie
const TILE = 128; // the side of the squares in which the picture's own pixels are worked out
const CELL = 128; // the side of the squares in which the filter works
const LEAST_WEIGHT = 1e-3; // of an alpha of one half, where 0 and 1 have a weight of 1

/** Return numbers cut to [0, 1], in place. */
export function clipped(array) {
  const { data } = array;
  for (let at = 0; at < data.length; at += 1) data[at] = data[at] < 0 ? 0 : data[at] > 1 ? 1 : data[at];
  return array;
}

/**
 * Return the alpha of an image (bytes, three or four channels) at its own size, from a coarse plane in [0, 1].
 *
 * `small` is the image within 1024 pixels. See `refine` of matting/guided_filter.py for the method.
 */
export async function refine(image, coarse, small) {
  if (coarse.height >= image.height && coarse.width >= image.width) return clipped(resize(coarse, image, "bicubic"));
  const { band, subject } = zones(coarse);
  const alpha = enlargedNearest(subject, image);
  if (!band.data.includes(1)) return alpha;
  const found = await scales(small, coarse, band);
  await spread(import.meta.url, writeBand, { image: sharing(image), band, ...found, result: alpha }, enlargedBoxes(band, image, TILE));
  return alpha;
}

/** Where the coarse alpha is certainly subject (1), and where it is uncertain: two masks of bytes. */
function zones(coarse) {
  const [low, high] = [Math.fround(1 - SURE), Math.fround(SURE)];
  const notSubject = boxAny(below(coarse, low), REACH).data;
  const notGround = boxAny(above(coarse, high), REACH).data;
  const subject = plane(coarse, notSubject.map((value) => 1 - value));
  return { subject, band: plane(coarse, notSubject.map((value, at) => value & notGround[at])) };
}

/** Return a mask at another size, as float32. */
function enlargedNearest(mask, size) {
  const made = plane(size, shared(Float32Array, size.height * size.width));
  const [rows, columns] = [nearest(mask.height, size.height), nearest(mask.width, size.width)];
  for (let y = 0, at = 0; y < size.height; y += 1) {
    const start = rows[y] * mask.width;
    if (y && rows[y] === rows[y - 1]) {
      made.data.copyWithin(at, at - size.width, at);
      at += size.width;
    } else {
      for (let x = 0; x < size.width; x += 1, at += 1) made.data[at] = mask.data[start + columns[x]];
    }
  }
  return made;
}

/** The alpha of the last scale, and its linear functions of levels (four Float32Arrays, b last). */
async function scales(image, coarse, band) {
  const images = [...SCALES].reverse().map(({ longest }) => (image = reduced(image, within(image, longest))));
  let alpha = coarse;
  let functions = null;
  for (const [index, { radius }] of SCALES.entries()) {
    const guide = images[images.length - 1 - index];
    alpha = clipped(resize(alpha, guide, "bicubic"));
    for (let round = 0; round < (index ? 1 : SHARPENINGS); round += 1) alpha = backProjected(alpha, coarse);
    const step = Math.max(1, rounded((radius * Math.max(guide.height, guide.width)) / Math.max(coarse.height, coarse.width)));
    [alpha, functions] = await filtered(sharing(guide), alpha, enlargedNearest(band, guide), step);
  }
  return { alpha, functions };
}

function backProjected(alpha, coarse) {
  const missing = resize(alpha, coarse, "box");
  for (let at = 0; at < missing.data.length; at += 1) missing.data[at] = coarse.data[at] - missing.data[at];
  const made = resize(missing, alpha, "bicubic");
  for (let at = 0; at < made.data.length; at += 1) made.data[at] += alpha.data[at];
  return clipped(made);
}

/** The filtered alpha, and its functions of levels, where it is wanted; elsewhere the alpha stays, a constant. */
async function filtered(image, alpha, wanted, radius) {
  const given = sharing(alpha);
  const result = plane(alpha, sharedCopy(alpha.data));
  const functions = Array.from({ length: 4 }, () => shared(Float32Array, alpha.data.length));
  functions[3].set(alpha.data);
  await spread(import.meta.url, filterParts, { image, alpha: given, wanted, radius, result, functions }, boxes(wanted, CELL));
  return [result, functions];
}

/** Filters some parts; called by `spread`. */
export function filterParts({ image, alpha, wanted, radius, result, functions }, parts) {
  const reach = 2 * radius; // twice, as functions are averaged over windows too
  const space = workspace(CELL ** 2, CELL + 2 * reach, radius);
  for (const part of parts) {
    const found = fit(surroundings(image, alpha, part, reach), radius, space);
    writePart(image, wanted, part, found, { alpha: result.data, functions });
  }
}

/** Centred colours, alpha and weight of a part and what is around it; all 0 outside the picture. */
function surroundings({ data, height, width, channels }, alpha, part, reach) {
  const size = { height: part.bottom - part.top + 2 * reach, width: part.right - part.left + 2 * reach };
  const [red, green, blue, share, weight] = Array.from({ length: 5 }, () => new Float32Array(size.height * size.width));
  const left = Math.max(part.left - reach, 0);
  const right = Math.min(part.right + reach, width);
  for (let y = Math.max(part.top - reach, 0); y < Math.min(part.bottom + reach, height); y += 1) {
    let to = (y - part.top + reach) * size.width + left - part.left + reach;
    for (let at = y * width + left; at < y * width + right; at += 1, to += 1) {
      red[to] = data[at * channels] / 255 - 0.5;
      green[to] = data[at * channels + 1] / 255 - 0.5;
      blue[to] = data[at * channels + 2] / 255 - 0.5;
      share[to] = alpha.data[at];
      weight[to] = (2 * share[to] - 1) ** 2 + LEAST_WEIGHT;
    }
  }
  return { guide: [red, green, blue], alpha: share, weight, ...size };
}

function writePart({ data, width, channels }, wanted, part, [red, green, blue, constant], made) {
  let from = 0;
  for (let y = part.top; y < part.bottom; y += 1) {
    for (let at = y * width + part.left; at < y * width + part.right; at += 1, from += 1) {
      if (!wanted.data[at]) continue;
      const levels = constant[from] - (red[from] + green[from] + blue[from]) / 2;
      const pixel = at * channels;
      const alpha = levels + (red[from] * data[pixel] + green[from] * data[pixel + 1] + blue[from] * data[pixel + 2]) / 255;
      made.alpha[at] = alpha < 0 ? 0 : alpha > 1 ? 1 : alpha;
      made.functions[0][at] = red[from] / 255;
      made.functions[1][at] = green[from] / 255;
      made.functions[2][at] = blue[from] / 255;
      made.functions[3][at] = levels;
    }
  }
}

/** Writes the alpha of the last scale, or of its functions of the picture's own colours, where the band is; called by `spread`. */
export function writeBand({ image, band, alpha, functions, result }, parts) {
  const { height, width } = image;
  const [rows, columns] = [nearest(band.height, height), nearest(band.width, width)];
  const row = enlargement(alpha, image);
  const line = functions.map(() => new Float32Array(width));
  const isWhole = isSameSize(alpha, image);
  for (const { top, left, bottom, right } of parts) {
    for (let y = top; y < bottom; y += 1) {
      const start = rows[y] * band.width;
      const isWanted = (x) => band.data[start + columns[x]];
      const [first, end] = extentOf(isWanted, left, right);
      if (first < end && !isWhole) row(functions, y, first, end, line);
      for (let x = first; x < end; x += 1) {
        if (!isWanted(x)) continue;
        const at = y * width + x;
        result.data[at] = isWhole ? alpha.data[at] : applied(line, x - first, image.data, at * image.channels);
      }
    }
  }
}

/** The alpha of functions of levels, each a row of numbers, at the place `x` of that and the colour at `at` of some bytes. */
export function applied([red, green, blue, constant], x, data, at) {
  const alpha = constant[x] + red[x] * data[at] + green[x] * data[at + 1] + blue[x] * data[at + 2];
  return alpha < 0 ? 0 : alpha > 1 ? 1 : alpha;
}
