/** The second pass: the crop around a small subject that the network is run on again, and blending its answer in. */

import { subjectBox, widened } from "../arrays/box.js";
import { rounded } from "../arrays/size.js";

const SUBJECT = 0.2; // the least alpha inside the box: a higher one would cut off an uncertain tail
const MARGIN = 0.1; // around the subject's box, as a share of its longer side: the network needs some background
const SMALL = 0.7; // of the picture's longer side: a larger box with its margin loses as often as it gains
const ENLARGED = 1.5; // by as much the first pass enlarged a picture of which a crop would show no more

/** Return the box of a picture of `size` for a second pass, from the first pass's alpha; null where there is none. */
export function cropFor(coarse, { height, width }) {
  if (Math.max(coarse.height, coarse.width) >= ENLARGED * Math.max(height, width)) return null;
  if (!coarse.data.some((alpha) => alpha >= Math.fround(SUBJECT))) return null;
  const small = subjectBox(coarse, SUBJECT);
  const [down, along] = [height / coarse.height, width / coarse.width];
  const exact = {
    top: Math.trunc(small.top * down),
    left: Math.trunc(small.left * along),
    bottom: rounded(small.bottom * down),
    right: rounded(small.right * along),
  };
  const longest = Math.max(exact.bottom - exact.top, exact.right - exact.left);
  const box = widened(exact, MARGIN * longest, { height, width });
  const sides = [box.bottom - box.top, box.right - box.left];
  return Math.max(...sides) <= SMALL * Math.max(height, width) && Math.min(...sides) > 0 ? box : null;
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
