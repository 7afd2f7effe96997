/** From clicks or a box to the coarse alpha of the subject meant, by the network's answers to crops (segmentation/prompts.py). */

import { boxAny } from "../arrays/box-filter.js";
import { subjectBox, widened } from "../arrays/box.js";
import { regions } from "../arrays/components.js";
import { plane, where } from "../arrays/size.js";
import { FARTHEST, corrected, disagrees, fromLogOdds, gap, logOdds, valueAt } from "./correction.js";
import { LONGEST, innerBorder } from "./crops.js";
import { DEEP, EDGE, SIDE, holding, withRegion, withoutNeighbour } from "./error-regions.js";

const SHARES = [0.45, 0.65]; // the sides of the square crops around a click, as shares of the picture's longer side
const MARGIN = 0.12; // around the subject's box in its second pass, as a share of the box's longer side
const LARGEST = 0.75; // of the picture's longer side: a larger box has no second pass
const SAME = 0.5; // the least IoU at which the second pass is taken to have found the same subject
const BOX_MARGIN = 0.1; // around a box that was given, as a share of its longer side
const CUT = 2; // the penalty for a candidate if all of its crop's border is subject

/** Return the coarse alpha of the subject meant by `{ points, notPoints, box }`, in pixels of the picture, on the grid. */
export async function choose(crops, prompts) {
  const { points, notPoints, box } = prompts;
  let alpha = null;
  if (box) alpha = await ofBox(crops, box);
  else if (points.length) alpha = await ofClick(crops, points[0]);
  else alpha = await crops.answer(crops.whole, LONGEST);
  for (const point of points) alpha = await withClick(crops, alpha, point, 1, prompts);
  for (const point of notPoints) alpha = await withClick(crops, alpha, point, -1, prompts);
  const [inside, outside] = [points, notPoints].map((clicks) => clicks.map((click) => crops.toGrid(click)));
  return corrected(crops, alpha, inside, outside);
}

/** The alpha with the subject or the region around a click added (`sign` = 1) or removed (-1). */
async function withClick(crops, alpha, point, sign, prompts) {
  const click = crops.toGrid(point);
  const made = await byAnswers(crops, alpha, point, sign, prompts);
  if (sign > 0 || !prompts.points.length || !disagrees(made, click, sign)) return made;
  if (gap(alpha, click, sign) <= DEEP * Math.max(crops.grid.height, crops.grid.width)) return made;
  return withoutNeighbour(crops, alpha, click, prompts.points.map((other) => crops.toGrid(other)));
}

/** The alpha with what the network's answers have, or haven't, around a click. */
async function byAnswers(crops, alpha, point, sign, { points, notPoints, box }) {
  const click = crops.toGrid(point);
  const others = (sign > 0 ? notPoints : points).map((other) => crops.toGrid(other));
  const far = FARTHEST * Math.max(crops.grid.height, crops.grid.width);
  if (sign * (valueAt(alpha, click) - 0.5) <= 0 && gap(alpha, click, sign) > far) {
    const another = await ofClick(crops, point);
    const isFree = !others.some((other) => valueAt(another, other) > 0.5);
    if (sign > 0 && isFree) return plane(alpha, alpha.data.map((one, at) => Math.max(one, another.data[at])));
    if (sign < 0 && isFree && valueAt(another, click) > 0.5) {
      return plane(alpha, alpha.data.map((one, at) => Math.min(one, 1 - another.data[at])));
    }
  }
  if (box || !disagrees(alpha, click, sign)) return alpha;
  return withRegion(crops, alpha, point, sign, points.length ? squaresAround(crops, points[0]) : [], others);
}

function squaresAround(crops, point) {
  return SHARES.map((share) => crops.around(point, share));
}

async function ofClick(crops, point) {
  const click = crops.toGrid(point);
  const candidates = [];
  for (const [box, side] of [[crops.whole, LONGEST], ...squaresAround(crops, point).map((box) => [box, SIDE])]) {
    const alpha = await crops.answer(box, side);
    candidates.push({ alpha, region: holding(above(alpha), click), crop: crops.onGrid(box) });
  }
  const scores = candidates.map((one) => scoreOf(one, candidates));
  return isolated(await runAgain(crops, candidates[scores.indexOf(Math.max(...scores))], click));
}

function above(alpha) {
  return where(alpha, (one) => one > 0.5);
}

function scoreOf(one, candidates) {
  const inside = one.alpha.data.filter((_, at) => one.region.data[at]);
  if (!inside.length) return 0;
  const alike = candidates.filter((other) => other !== one).map((other) => iou(one.region, other.region));
  const border = innerBorder(one.alpha, one.crop);
  return 1 + mean(inside) + mean(alike) - CUT * (border.length ? mean(border) : 0);
}

function mean(numbers) {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

/** A candidate improved by a second pass on its region's box, where that agrees. */
async function runAgain(crops, best, click) {
  if (!best.region.data.some(Boolean)) return best;
  let box = crops.fromGrid(subjectBox(best.region));
  box = widened(box, MARGIN * Math.max(box.bottom - box.top, box.right - box.left), crops.image);
  const longest = LARGEST * Math.max(crops.image.height, crops.image.width);
  if (Math.max(box.bottom - box.top, box.right - box.left) > longest) return best;
  const again = await crops.answer(box, LONGEST);
  if (iou(best.region, holding(above(again), click)) < SAME) return best;
  const { top, left, bottom, right } = crops.onGrid(box);
  const alpha = plane(best.alpha, best.alpha.data.slice());
  for (let y = top; y < bottom; y += 1) {
    for (let at = y * alpha.width + left; at < y * alpha.width + right; at += 1) {
      alpha.data[at] = fromLogOdds((logOdds(alpha.data[at]) + 2 * logOdds(again.data[at])) / 3);
    }
  }
  const region = holding(above(alpha), click);
  return iou(best.region, region) >= SAME ? { alpha, region } : best;
}

/** The alpha of one region, with its soft edge, and 0 elsewhere. */
function isolated({ alpha, region }) {
  const near = boxAny(region, EDGE).data;
  return plane(alpha, alpha.data.map((one, at) => (near[at] && !(one > 0.5 && !region.data[at]) ? one : 0)));
}

/** The alpha of what lies in a box, without regions that mostly lie outside. */
async function ofBox(crops, box) {
  const outer = widened(box, BOX_MARGIN * Math.max(box.bottom - box.top, box.right - box.left), crops.image);
  const alpha = await crops.answer(outer, LONGEST);
  const { top, left, bottom, right } = crops.onGrid(box);
  const inside = where(alpha, (_, at) => {
    const [y, x] = [Math.floor(at / alpha.width), at % alpha.width];
    return y >= top && y < bottom && x >= left && x < right;
  }).data;
  const { labels, count } = regions(above(alpha));
  const [whole, kept] = [new Int32Array(count + 1), new Int32Array(count + 1)];
  labels.forEach((label, at) => {
    whole[label] += 1;
    kept[label] += inside[at];
  });
  return plane(alpha, alpha.data.map((one, at) => (inside[at] && 2 * kept[labels[at]] >= whole[labels[at]] ? one : 0)));
}

function iou(one, other) {
  let [both, either] = [0, 0];
  one.data.forEach((value, at) => {
    both += value & other.data[at];
    either += value | other.data[at];
  });
  return either ? both / either : 0;
}
