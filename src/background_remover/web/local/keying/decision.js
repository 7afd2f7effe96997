/** Decides between colour and network for a picture on a plain ground, and combines their alphas (matting/keying/decision.py). */

import { boxAny } from "../arrays/box-filter.js";
import { regions } from "../arrays/components.js";
import { enlargement } from "../arrays/enlarge.js";
import { bands } from "../arrays/parts.js";
import { shrink } from "../arrays/reduce.js";
import { above, plane, rounded, where, within } from "../arrays/size.js";
import { takeOutBackground } from "../matting/foreground.js";
import { shared, sharedCopy, sharing, spread } from "../threads.js";
import { touchingBorder } from "./cast-shadow.js";

const ROWS = 64; // that are mixed at once
const LONGEST = 512; // pixels on the longer side of the picture in which the two are compared
const AGREEMENT = 0.9; // the least IoU of colour's and the network's subject
const FLAT = 0.85; // the least share of a drawing's inside that is one colour or a gradient
const [SMALLEST, MOST] = [0.0005, 0.95]; // shares of the picture that a subject found by colour may fill
const BEND = 1; // levels of 255 by which a gradient may differ from a straight one
const NARROW = 0.004; // of the longer side: in strips up to twice as wide, colour is better than the network
const UNKNOWN = 0.15; // the largest mean alpha of a part that the network didn't find

/**
 * The best way for an image, "photo", "product" or "graphic", from what colour found and the network's alpha, and both
 * alphas reduced where they were compared: `{ way, reduced }`.
 */
export async function choose(image, found, alpha, isEmpty) {
  const share = shareAbove(found.alpha.data, 0.5);
  if (!(share > SMALLEST && share < MOST)) return { way: "photo" };
  if (isEmpty || (await flatness(image, found.alpha)) >= FLAT) return { way: "graphic" };
  const size = within(alpha, LONGEST);
  const reduced = [shrink(found.alpha, size), shrink(alpha, size)];
  return { way: agreement(...reduced) >= AGREEMENT ? "product" : "photo", reduced };
}

function shareAbove(data, level) {
  let count = 0;
  for (let at = 0; at < data.length; at += 1) if (data[at] > level) count += 1;
  return count / data.length;
}

/** The IoU of colour's and the network's subject, without the parts that the network decides anyway. */
function agreement(colour, network) {
  const found = above(colour, 0.5);
  const [unknown, filled] = [unknownParts(found, network), filledHoles(found, network)];
  let [both, either] = [0, 0];
  network.data.forEach((one, at) => {
    const settled = (found.data[at] && !unknown[at]) || filled[at];
    if (settled && one > 0.5) both += 1;
    if (settled || one > 0.5) either += 1;
  });
  return both / Math.max(either, 1);
}

/** The share of a subject's inside that is one colour or a gradient, by second differences along rows. */
async function flatness(image, alpha) {
  const counts = await spread(import.meta.url, countFlat, { image: sharing(image), alpha }, bands(image, ROWS));
  const [flat, inside] = counts.reduce((sums, one) => sums.map((sum, at) => sum + one[at]), [0, 0]);
  return inside ? flat / inside : 0;
}

/** Counts the flat pixels and all pixels inside a subject, in some rows; called by `spread`. */
export function countFlat({ image, alpha }, parts) {
  const { data, width, channels } = image;
  let [flat, inside] = [0, 0];
  for (const { top, bottom } of parts) {
    for (let y = top; y < bottom; y += 1) {
      for (let x = 0, at = y * width, opaque = 0; x < width; x += 1, at += 1) {
        opaque = alpha.data[at] === 1 ? opaque + 1 : 0;
        if (opaque < 3) continue;
        inside += 1;
        if (isFlat(data, (at - 1) * channels, channels)) flat += 1;
      }
    }
  }
  return [flat, inside];
}

/** Whether the colour that begins at a place of some bytes bends little between its neighbours. */
function isFlat(data, from, channels) {
  for (let at = from; at < from + 3; at += 1) {
    if (Math.abs(data[at + channels] - 2 * data[at] + data[at - channels]) > BEND) return false;
  }
  return true;
}

/**
 * The alpha and colours of a product: the network decides what is subject, colour where its edge is.
 *
 * `reduced` are both alphas as `choose` gives them, `small` is the image within 1024 pixels.
 */
export async function combine(image, found, alpha, reduced, small) {
  const trust = plane(reduced[0], trustOf(...reduced));
  const made = plane(alpha, shared(Float32Array, alpha.data.length));
  const parts = bands(alpha, ROWS);
  const given = { trust, found: found.alpha, alpha: sharing(alpha), made };
  const areMixed = await spread(import.meta.url, mixRows, given, parts);
  if (!areMixed.includes(true)) return { alpha: made, colours: found.colours };
  const own = { ...image, data: sharedCopy(image.data) };
  await takeOutBackground(own, made, small);
  await spread(import.meta.url, copyRows, { own, colours: found.colours, found: found.alpha, made }, parts);
  return { alpha: made, colours: found.colours };
}

/** Mixes both alphas in some rows, and returns whether one that changes is between 0 and 1; called by `spread`. */
export function mixRows({ trust, found, alpha, made }, parts) {
  const { width } = alpha;
  const row = enlargement(trust, alpha);
  const line = [new Float32Array(width)];
  let isMixed = false;
  for (const { top, bottom } of parts) {
    for (let y = top; y < bottom; y += 1) {
      row([trust.data], y, 0, width, line);
      for (let x = 0, at = y * width; x < width; x += 1, at += 1) {
        made.data[at] = alpha.data[at] + line[0][x] * (found.data[at] - alpha.data[at]);
        isMixed ||= made.data[at] > 0 && made.data[at] < 1 && isChanged(made, found, at);
      }
    }
  }
  return isMixed;
}

/** Copies colours where the alpha isn't the one that colour found, in some rows; called by `spread`. */
export function copyRows({ own, colours, found, made }, parts) {
  for (const { top, bottom } of parts) {
    for (let at = top * made.width; at < bottom * made.width; at += 1) {
      if (isChanged(made, found, at)) for (let i = at * 4; i < at * 4 + 3; i += 1) colours.data[i] = own.data[i];
    }
  }
}

function isChanged(made, found, at) {
  return Math.abs(made.data[at] - found.data[at]) > 1 / 510;
}

/** The weight of colour's alpha: 1, or 0 where the network decides. */
function trustOf(colour, network) {
  const found = above(colour, 0.5);
  const [unknown, filled] = [unknownParts(found, network), filledHoles(found, network)];
  const wide = wideOf(where(network, (one, at) => one > 0.5 !== Boolean(found.data[at])));
  const ruled = where(found, (_, at) => unknown[at] || filled[at] || wide[at]);
  return Float32Array.from(boxAny(ruled, 1).data, (one) => (one ? 0 : 1));
}

/** The mean of values in each part, the first of them outside. */
function meansOf(labels, count, values) {
  const [sums, counts] = [new Float64Array(count + 1), new Float64Array(count + 1)];
  labels.forEach((label, at) => {
    sums[label] += values[at];
    counts[label] += 1;
  });
  return sums.map((sum, label) => sum / Math.max(counts[label], 1));
}

/** The parts that only colour finds: specks, props, hard shadows. */
function unknownParts(found, network) {
  const { labels, count } = regions(found);
  const means = meansOf(labels, count, network.data);
  return where(plane(found, labels), (label) => label && means[label] < UNKNOWN).data;
}

/** The parts of the ground's colour inside the subject in which the network finds subject. */
function filledHoles(found, network) {
  const holes = where(found, (one) => !one);
  const { labels, count } = regions(holes);
  const means = meansOf(labels, count, network.data);
  const outside = touchingBorder(holes).data;
  return where(plane(found, labels), (label, at) => label && means[label] > 0.5 && !outside[at]).data;
}

/** The regions of difference that are no strips along an edge. */
function wideOf(differ) {
  const radius = Math.max(1, rounded(NARROW * Math.max(differ.height, differ.width)));
  const core = boxAny(where(differ, (one) => !one), radius);
  const near = boxAny(where(core, (one) => !one), radius + 1).data;
  return where(differ, (one, at) => one && near[at]).data;
}
