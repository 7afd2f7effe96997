/** What to add or to remove around a click, from an answer to a crop or from the other clicks (segmentation/error_regions.py). */

import { boxAny, boxSum } from "../arrays/box-filter.js";
import { subjectBox } from "../arrays/box.js";
import { regions } from "../arrays/components.js";
import { cropped } from "../arrays/parts.js";
import { plane, where } from "../arrays/size.js";
import { gap, valueAt } from "./correction.js";
import { distances } from "../segmentation/geodesic.js";
import { LONGEST, innerBorder, squares, steepness } from "./crops.js";

export const SIDE = 256; // of a square crop around a click, resized for the network
export const DEEP = 0.05; // of the grid's longer side: a click this far from a region's border is meant for a subject in it
const GRADIENT = 60; // the cost of a step beside its length: for each unit of the colours' gradient
const BORDER = 4; // for each unit of the alpha's gradient
const OUTSIDE = 1e3; // the cost of a step outside a region that is split: paths stay in it
const GONE = 0.02; // the alpha, at most, of what is split off
const CENTRAL = 0.75; // the least centrality of the click in what is split off: people click in the middle of what is wrong
const RADIUS = 2; // of a click
export const EDGE = 4; // pixels of the grid around a region in which its soft edge may lie
const SHARES = [0.3, 0.5]; // the sides of the square crops around a click, as shares of the picture's longer side
const DETAIL = 3; // pixels of the grid: for a smaller gap no crop around the click is worth its time
const LEAST = 1; // the score from which on a region is taken, of 2 at most
const CUT = 1; // the penalty for a region, for each side of its area's square that lies along its crop's border

/** Return the alpha on the grid with the region around a click added (`sign` = 1) or removed (-1); itself without one. */
export async function withRegion(crops, alpha, point, sign, seen, others) {
  const click = crops.toGrid(point);
  const boxes = [[crops.whole, LONGEST], ...seen.map((box) => [box, SIDE])];
  if (gap(alpha, click, sign) >= DETAIL) boxes.push(...SHARES.map((share) => [crops.around(point, share), SIDE]));
  let best = null;
  for (const [box, side] of boxes) {
    const found = regionOf(await crops.answer(box, side), crops.onGrid(box), alpha, click, sign);
    if (!found || others.some((other) => valueAt(found.mask, other))) continue;
    if (!best || found.score > best.score) best = found;
  }
  return best && best.score > LEAST ? taken(alpha, best, sign) : alpha;
}

/** The alpha without what is nearer to a click than to those of the other kind: the region is split, or removed whole. */
export function withoutNeighbour(crops, alpha, click, others) {
  const inside = where(alpha, (one) => one > 0.5);
  const region = holding(inside, click);
  const within = others.filter((other) => valueAt(region, other));
  const lost = nearest(crops, alpha, region, click, within);
  if (!valueAt(lost, click) || (within.length && centrality(lost, click) < CENTRAL)) return alpha;
  const near = boxAny(lost, EDGE).data;
  const isLeft = (at) => inside.data[at] && !lost.data[at];
  return plane(alpha, alpha.data.map((one, at) => (near[at] && !isLeft(at) ? Math.min(one, GONE) : one)));
}

function nearest({ colours, grid }, alpha, region, click, others) {
  if (!others.length) return region;
  const edges = steepness(colours, grid);
  const borders = steepness([alpha.data], alpha);
  const cost = alpha.data.map((_, at) => (region.data[at] ? 1 + GRADIENT * edges[at] + BORDER * borders[at] : OUTSIDE));
  const from = (clicks) => distances(squares(grid, clicks, RADIUS), plane(alpha, cost));
  const [here, there] = [from([click]), from(others)];
  return where(region, (one, at) => one && here[at] < there[at]);
}

function taken(alpha, { answer, mask }, sign) {
  const near = boxAny(mask, EDGE).data;
  const data = alpha.data.map((one, at) => {
    const other = answer.data[at];
    const isFree = sign > 0 ? other <= 0.5 : one <= 0.5;
    if (!near[at] || !(isFree || mask.data[at])) return one;
    return sign > 0 ? Math.max(one, other) : Math.min(one, other);
  });
  return plane(alpha, data);
}

/** The connected region in which an answer differs from the alpha around a click, with its score; null without one. */
function regionOf(answer, crop, alpha, click, sign) {
  const differs = where(answer, (one, at) => {
    const [y, x] = [Math.floor(at / answer.width), at % answer.width];
    const isInside = y >= crop.top && y < crop.bottom && x >= crop.left && x < crop.right;
    return isInside && sign * (one - 0.5) > 0 && sign * (alpha.data[at] - 0.5) <= 0;
  });
  if (!valueAt(differs, click)) return null;
  const mask = holding(differs, click);
  return { answer, mask, score: scoreOf(answer, mask, click, crop) };
}

/** The region of a mask that holds a click; nothing where the mask doesn't. */
export function holding(mask, click) {
  const labels = plane(mask, regions(mask).labels);
  const wanted = valueAt(labels, click);
  return where(labels, (one) => wanted > 0 && one === wanted);
}

function scoreOf(answer, mask, click, crop) {
  let [sure, count] = [0, 0];
  mask.data.forEach((one, at) => {
    if (!one) return;
    sure += Math.abs(2 * answer.data[at] - 1);
    count += 1;
  });
  const cut = innerBorder(mask, crop).reduce((sum, one) => sum + one, 0) / Math.sqrt(count);
  return sure / count + centrality(mask, click) - CUT * cut;
}

/** The side of the largest square in the mask around a click, as a share of the largest one anywhere. */
function centrality(mask, click) {
  const box = subjectBox(mask);
  const inner = framed(cropped(mask, box));
  let away = Infinity;
  inner.data.forEach((one, at) => {
    if (one) return;
    const [y, x] = [Math.floor(at / inner.width) - 1 + box.top, (at % inner.width) - 1 + box.left];
    away = Math.min(away, Math.max(Math.abs(y - click.y), Math.abs(x - click.x)));
  });
  let [low, high] = [0, Math.min(inner.height, inner.width)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const whole = (2 * middle + 1) ** 2;
    if (boxSum(inner, middle).data.some((sum) => sum === whole)) low = middle;
    else high = middle;
  }
  return away / (low + 1);
}

/** A mask in a frame of one pixel of nothing. */
function framed({ data, height, width }) {
  const made = plane({ height: height + 2, width: width + 2 }, new Uint8Array((height + 2) * (width + 2)));
  for (let y = 0; y < height; y += 1) made.data.set(data.subarray(y * width, (y + 1) * width), (y + 1) * made.width + 1);
  return made;
}
