/** Decides between colour and network for a picture on a plain ground, and combines their alphas (matting/keying/decision.py). */

import { boxAny } from "../arrays/box-filter.js";
import { regions } from "../arrays/components.js";
import { enlarge } from "../arrays/enlarge.js";
import { shrink } from "../arrays/reduce.js";
import { plane, rounded, where, within } from "../arrays/size.js";
import { takeOutBackground } from "../matting/foreground.js";
import { sharedCopy } from "../threads.js";
import { touchingBorder } from "./cast-shadow.js";

const LONGEST = 512; // pixels on the longer side of the picture in which the two are compared
const AGREEMENT = 0.9; // the least IoU of colour's and the network's subject
const FLAT = 0.85; // the least share of a drawing's inside that is one colour or a gradient
const [SMALLEST, MOST] = [0.0005, 0.95]; // shares of the picture that a subject found by colour may fill
const BEND = 1; // levels of 255 by which a gradient may differ from a straight one
const NARROW = 0.004; // of the longer side: in strips up to twice as wide, colour is better than the network
const UNKNOWN = 0.15; // the largest mean alpha of a part that the network didn't find

/** The best way for an image, "photo", "product" or "graphic", from what colour found and the network's alpha. */
export function choose(image, found, alpha, isEmpty) {
  const size = alpha.height * alpha.width;
  const share = found.alpha.data.reduce((count, one) => count + (one > 0.5 ? 1 : 0), 0) / size;
  if (!(share > SMALLEST && share < MOST)) return "photo";
  if (isEmpty || flatness(image, found.alpha) >= FLAT) return "graphic";
  const small = within(alpha, LONGEST);
  return agreement(shrink(found.alpha, small), shrink(alpha, small)) >= AGREEMENT ? "product" : "photo";
}

/** The IoU of colour's and the network's subject, without the parts that the network decides anyway. */
function agreement(colour, network) {
  const found = where(colour, (one) => one > 0.5);
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
function flatness({ data, height, width, channels }, alpha) {
  let [flat, inside] = [0, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = 1, at = y * width + 1; x < width - 1; x += 1, at += 1) {
      if (alpha.data[at - 1] !== 1 || alpha.data[at] !== 1 || alpha.data[at + 1] !== 1) continue;
      inside += 1;
      const from = at * channels;
      const isFlat = (i) => Math.abs(data[from + channels + i] - 2 * data[from + i] + data[from - channels + i]) <= BEND;
      if (isFlat(0) && isFlat(1) && isFlat(2)) flat += 1;
    }
  }
  return inside ? flat / inside : 0;
}

/** The alpha and colours of a product: the network decides what is subject, colour where its edge is. */
export async function combine(image, found, alpha, small) {
  const size = within(alpha, LONGEST);
  const [trust] = enlarge([trustOf(shrink(found.alpha, size), shrink(alpha, size))], size, alpha);
  const data = alpha.data.map((one, at) => one + trust[at] * (found.alpha.data[at] - one));
  const made = { alpha: plane(alpha, data), colours: found.colours };
  const isChanged = (at) => Math.abs(data[at] - found.alpha.data[at]) > 1 / 510;
  if (!data.some((one, at) => one > 0 && one < 1 && isChanged(at))) return made;
  const own = { ...image, data: sharedCopy(image.data) };
  await takeOutBackground(own, made.alpha, small);
  for (let at = 0; at < data.length; at += 1) {
    if (isChanged(at)) for (let i = 0; i < 3; i += 1) made.colours.data[at * 4 + i] = own.data[at * 4 + i];
  }
  return made;
}

/** The weight of colour's alpha: 1, or 0 where the network decides. */
function trustOf(colour, network) {
  const found = where(colour, (one) => one > 0.5);
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
