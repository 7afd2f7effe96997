/** The subject's own colours, without the old background in them, as the server's `foreground` finds them. */

import { boxAny } from "../arrays/box-filter.js";
import { enlargement, nearest } from "../arrays/enlarge.js";
import { around, boxes, enlargedBoxes, extentOf } from "../arrays/parts.js";
import { reduced } from "../arrays/reduce.js";
import { above, below, plane, within } from "../arrays/size.js";
import { shared, sharing, spread } from "../threads.js";
import { CELL, fuse, workspace } from "./fusion.js";

// The longest side of each pyramid level, and the rounds of means and fusion there.
const LEVELS = [
  { longest: 32, rounds: 10 },
  { longest: 64, rounds: 10 },
  { longest: 128, rounds: 4 },
  { longest: 256, rounds: 4 },
  { longest: 512, rounds: 2 },
  { longest: 1024, rounds: 1 },
];
const STIFFNESS = 0.02; // the weight of keeping to the means, relative to that of explaining the pixel's own colour
const TILE = 128; // the side of the squares in which the picture's own pixels are worked out

/**
 * Makes the colours of an image (bytes, three or four channels) the subject's own, in place, for an alpha plane. They
 * have to be in memory that the pool sees.
 *
 * Pixels of alpha 1 keep their colours, and so do transparent ones away from the subject. `small` is the image within
 * 1024 pixels. See matting/foreground.py for the method.
 */
export async function takeOutBackground(image, alpha, small) {
  const found = await meansOf(small, alpha);
  const parts = enlargedBoxes(plane(found.size, found.near), image, TILE);
  await spread(import.meta.url, writeColours, { image, alpha: sharing(alpha), ...found }, parts);
}

/** Writes the subject's own colours in some parts; called by `spread`. */
export function writeColours({ image, alpha, means, near, size }, parts) {
  const { height, width } = image;
  const [rows, columns] = [nearest(size.height, height), nearest(size.width, width)];
  const row = enlargement(size, image);
  const line = means.map(() => new Float32Array(width));
  const clamped = new Uint8ClampedArray(image.data.buffer, image.data.byteOffset, image.data.length); // rounds halves to even
  for (const { top, left, bottom, right } of parts) {
    for (let y = top; y < bottom; y += 1) {
      const start = rows[y] * size.width;
      const isChanging = (x) => alpha.data[y * width + x] < 1 && near[start + columns[x]];
      const [first, end] = extentOf(isChanging, left, right);
      if (first === end) continue;
      row(means, y, first, end, line);
      for (let x = first; x < end; x += 1) {
        const at = y * width + x;
        if (isChanging(x)) writeOwn(clamped, at * image.channels, alpha.data[at], line, x - first);
      }
    }
  }
}

/** Writes the colour alone that fits a pixel's levels best, of its alpha and of the means F' and B' around it. */
function writeOwn(levels, pixel, share, means, place) {
  const rest = 1 - share;
  const pull = share / (share * share + rest * rest + STIFFNESS);
  for (let channel = 0; channel < 3; channel += 1) {
    const own = means[channel][place] * (1 - pull * share) - means[channel + 3][place] * pull * rest;
    levels[pixel + channel] = own * 255 + pull * levels[pixel + channel];
  }
}

/** F' and B' at the last level, six Float32Arrays in [0, 1], and where they change a colour: 0 away from edges. */
async function meansOf(image, alpha) {
  const levels = pyramid(image, alpha);
  let coarser = { size: levels[0].image, means: [...channels(levels[0].image), ...channels(levels[0].image)] };
  let near = null;
  for (const level of levels) {
    const found = await meansOfLevel(level, coarser);
    near = found.near;
    coarser = { size: level.image, means: found.means };
  }
  const { share } = levels.at(-1);
  const changing = boxAny(below(share, 1), 1).data;
  for (let at = 0; at < near.length; at += 1) near[at] &= changing[at];
  return { means: coarser.means, near, size: { height: share.height, width: share.width } };
}

/** The image, its alpha and the rounds of every level, the smallest first, each reduced from the next. */
function pyramid(image, alpha) {
  const made = [...LEVELS].reverse().map(({ longest, rounds }) => {
    const size = within(alpha, longest);
    image = reduced(image, size);
    alpha = reduced(alpha, size);
    return { image, share: alpha, rounds };
  });
  return made.reverse();
}

function channels({ data, height, width, channels: count }) {
  return [0, 1, 2].map((channel) =>
    Float32Array.from({ length: height * width }, (_, place) => data[place * count + channel] / 255),
  );
}

/** F' and B' of a level from those of the coarser one, and where there is any subject; only near an edge, elsewhere 0. */
async function meansOfLevel({ image, share, rounds }, coarser) {
  const reach = rounds + 3; // as a pixel here is half of one at the next level
  const edge = boxAny(above(share, 0), reach);
  const ground = boxAny(below(share, 1), reach).data;
  for (let at = 0; at < ground.length; at += 1) edge.data[at] &= ground[at];
  const made = {
    means: Array.from({ length: 6 }, () => shared(Float32Array, share.data.length)),
    near: shared(Uint8Array, share.data.length),
  };
  const { height, width } = coarser.size;
  const given = { image: sharing(image), share: sharing(share), rounds, coarser: { size: { height, width }, means: coarser.means }, made };
  await spread(import.meta.url, fuseParts, given, boxes(edge, CELL));
  return made;
}

/** Fuses some parts of a level; called by `spread`. */
export function fuseParts({ image, share, rounds, coarser, made }, parts) {
  const row = enlargement(coarser.size, image);
  const space = workspace(rounds);
  for (const part of parts) {
    begin(space, { image, share, coarser, row, part, rounds });
    fuse(space, part, rounds, made, image.width);
  }
}

/** Fills the work space with a part and as many pixels around it as there are rounds; all is 0 outside the picture. */
function begin(space, { image, share, coarser, row, part, rounds }) {
  const { top, left, bottom, right } = around(part, rounds, image);
  const wide = part.right - part.left + 2 * rounds;
  const used = (part.bottom - part.top + 2 * rounds) * wide;
  for (const numbers of [...space.seen, ...space.shares, ...space.means]) numbers.fill(0, 0, used);
  for (let y = top; y < bottom; y += 1) {
    let to = (y - part.top + rounds) * wide + left - part.left + rounds;
    row(coarser.means, y, left, right, space.means.map((numbers) => numbers.subarray(to)));
    for (let at = y * image.width + left; at < y * image.width + right; at += 1, to += 1) {
      for (let channel = 0; channel < 3; channel += 1) space.seen[channel][to] = image.data[at * image.channels + channel] / 255;
      space.shares[0][to] = share.data[at];
      space.shares[1][to] = 1 - share.data[at];
    }
  }
}
