/** Boxes of pixels, `{ top, left, bottom, right }`, the ends not included: around a subject, or with a margin. */

import { rounded } from "./size.js";

const VISIBLE = 0.1; // an alpha below this is ignored, or haze that nobody sees would widen the box

/** Return the smallest box around alphas of at least `least`; the whole plane where there are none. */
export function subjectBox({ data, height, width }, least = VISIBLE) {
  const box = { top: height, left: width, bottom: 0, right: 0 };
  const enough = Math.fround(least);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      if (data[at] < enough) continue;
      if (y < box.top) box.top = y;
      if (x < box.left) box.left = x;
      if (x >= box.right) box.right = x + 1;
      box.bottom = y + 1;
    }
  }
  return box.bottom ? box : { top: 0, left: 0, bottom: height, right: width };
}

/** Return the box with `margin` pixels more on all sides, clipped to a picture of a size. */
export function widened({ top, left, bottom, right }, margin, { height, width }) {
  const pixels = rounded(margin);
  return {
    top: Math.max(top - pixels, 0),
    left: Math.max(left - pixels, 0),
    bottom: Math.min(bottom + pixels, height),
    right: Math.min(right + pixels, width),
  };
}
