/** Separate subjects in one alpha: people of a group, products side by side (segmentation/subjects.py). */

import { regions } from "../arrays/components.js";
import { plane, where } from "../arrays/size.js";
import { LocalFailure } from "../failure.js";
import { distances } from "./geodesic.js";

const LEVEL = 0.5; // the alpha above which connected pixels are one subject
const SPECK = 0.03; // of the largest subject's area: smaller regions belong to the nearest subject
const GROUND = 0.05; // added to the alpha, whose inverse is the cost of a step

/** The number of subjects that a text asks for; null where all are kept. Throws `LocalFailure`. */
export function countOf(text) {
  if (text === "all") return null;
  const count = text === "largest" ? 1 : Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new LocalFailure("refused", `subjects is ${text}; give all, largest, or a number of the largest`);
}

/** Return the alpha of its `count` largest subjects; of all where `count` is null. */
export function keepLargest(alpha, count) {
  if (count === null) return alpha;
  const { owners, order } = separate(alpha);
  if (order.length <= count) return alpha;
  const kept = new Set(order.slice(0, count));
  return plane(alpha, alpha.data.map((one, at) => (kept.has(owners[at]) ? one : 0)));
}

/** Which subject every pixel belongs to, and the subjects' numbers, that of the largest alpha first. */
function separate(alpha) {
  const { labels, count } = regions(where(alpha, (one) => one > LEVEL));
  const areas = new Float64Array(count + 1);
  for (const label of labels) areas[label] += 1;
  const most = Math.max(...areas.subarray(1));
  const main = Array.from({ length: count }, (_, index) => index + 1).filter((label) => areas[label] >= SPECK * most);
  const owners = ownersOf(alpha, labels, main);
  const sums = new Float64Array(main.length);
  alpha.data.forEach((one, at) => (sums[owners[at]] += one));
  return { owners, order: [...main.keys()].sort((one, other) => sums[other] - sums[one]) };
}

function ownersOf(alpha, labels, main) {
  const owners = new Int32Array(labels.length);
  if (main.length < 2) return owners;
  const cost = plane(alpha, alpha.data.map((one) => 1 / (one + GROUND)));
  const nearest = new Float32Array(labels.length).fill(Infinity);
  main.forEach((label, number) => {
    const away = distances(where(plane(alpha, labels), (one) => one === label), cost);
    away.forEach((far, at) => {
      if (far >= nearest[at]) return;
      owners[at] = number;
      nearest[at] = far;
    });
  });
  return owners;
}
