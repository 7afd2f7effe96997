/**
 * The second pass: the network is run again on a mirrored crop around the subject, and its answer blended in.
 *
 * The alpha of a crop around a small subject, which shows more detail, stands in place of the first pass's; that around
 * a large one is a second view, and the mean of both is less often wrong than either.
 */

import { subjectBox, widened } from "../arrays/box.js";
import { cropped } from "../arrays/parts.js";
import { resize } from "../arrays/resample.js";
import { plane, rounded } from "../arrays/size.js";

const SUBJECT = 0.2; // the least alpha inside the box: a higher one would cut off an uncertain tail
const MARGIN = 0.1; // around the subject's box, as a share of its longer side: the network needs some background
const SMALL = 0.7; // of the picture's longer side: alone, a larger crop's alpha loses as often as it gains
const ENLARGED = 1.5; // by as much the first pass enlarged a picture of which a crop would show no more

/**
 * Return the box of a picture of `size` for a second pass, from the first pass's alpha.
 *
 * It is the whole picture where the subject fills that, and where the network has seen it enlarged; null where there is
 * no subject.
 */
export function cropFor(coarse, { height, width }) {
  if (!coarse.data.some((alpha) => alpha >= Math.fround(SUBJECT))) return null;
  const whole = { top: 0, left: 0, bottom: height, right: width };
  if (Math.max(coarse.height, coarse.width) >= ENLARGED * Math.max(height, width)) return whole;
  const small = subjectBox(coarse, SUBJECT);
  const [down, along] = [height / coarse.height, width / coarse.width];
  const exact = {
    top: Math.trunc(small.top * down),
    left: Math.trunc(small.left * along),
    bottom: rounded(small.bottom * down),
    right: rounded(small.right * along),
  };
  const longest = Math.max(...sidesOf(exact));
  const box = widened(exact, MARGIN * longest, { height, width });
  return Math.min(...sidesOf(box)) > 0 ? box : whole;
}

/** Whether a crop of a picture of a size is one around a small subject. */
export function isSmall(box, { height, width }) {
  return Math.max(...sidesOf(box)) <= SMALL * Math.max(height, width);
}

/** Whether it is all of the picture. */
export function isWhole(box, { height, width }) {
  const [rows, columns] = sidesOf(box);
  return rows === height && columns === width;
}

function sidesOf({ top, left, bottom, right }) {
  return [bottom - top, right - left];
}

/** Return the mean of two coarse alphas, of a picture of `size` and of its crop `box`: a plane like the first one. */
export function averaged(first, again, box, size) {
  const [rows, columns] = sidesOf(box);
  const inside = {
    top: Math.ceil((box.top * first.height) / size.height),
    left: Math.ceil((box.left * first.width) / size.width),
    bottom: Math.floor((box.bottom * first.height) / size.height),
    right: Math.floor((box.right * first.width) / size.width),
  };
  const across = (column) => (((column * size.width) / first.width - box.left) * again.width) / columns;
  const down = (row) => (((row * size.height) / first.height - box.top) * again.height) / rows;
  const part = [across(inside.left), down(inside.top), across(inside.right), down(inside.bottom)];
  const [height, width] = sidesOf(inside);
  const seen = resize(again, { height, width }, "bilinear", part);
  const mean = cropped(first, inside).data.map((alpha, at) => (alpha + seen.data[at]) / 2);
  const made = plane(first, first.data.slice());
  blend(made, plane({ height, width }, mean), inside);
  return made;
}

/** Blends the second pass's alpha, of the box's size, into the first one's, in place: without a seam. */
export function blend(alpha, again, box) {
  const ramp = (MARGIN / (1 + 2 * MARGIN)) * Math.max(again.height, again.width);
  const down = fading(again.height, ramp, box.top > 0, box.bottom < alpha.height);
  const along = fading(again.width, ramp, box.left > 0, box.right < alpha.width);
  for (let y = 0, from = 0; y < again.height; y += 1) {
    let at = (box.top + y) * alpha.width + box.left;
    for (let x = 0; x < again.width; x += 1, at += 1, from += 1) {
      const weight = Math.min(down[y], along[x]);
      alpha.data[at] = alpha.data[at] * (1 - weight) + again.data[from] * weight;
    }
  }
}

/** The weights along one side: 1, but rising from 0 at the first end, the last, or both. */
function fading(length, ramp, first, last) {
  return Float32Array.from({ length }, (_, place) => {
    const start = first ? (place + 0.5) / ramp : 1;
    const end = last ? (length - place - 0.5) / ramp : 1;
    return Math.min(1, start, end);
  });
}
