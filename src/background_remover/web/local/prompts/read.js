/** The clicks and the box of the fields `points`, `not_points` and `box`, in pixels of a picture. */

import { rounded } from "../arrays/size.js";
import { LocalFailure } from "../failure.js";
import { pixels } from "../parameters/lengths.js";

/** Whether a click or a box chooses the subject. */
export function isPrompted({ points, not_points: notPoints, box }) {
  return Boolean(points || notPoints || box);
}

/** Return `{ points, notPoints, box }` for a picture of a size; throws `LocalFailure` at what isn't in it. */
export function promptsOf({ points, not_points: notPoints, box }, size) {
  return { points: clicks("points", points, size), notPoints: clicks("not_points", notPoints, size), box: box ? boxOf(box, size) : null };
}

function clicks(name, text, { height, width }) {
  return text.split(" ").filter(Boolean).map((pair) => {
    const [right, down, ...rest] = pair.split(",");
    const [x, y] = [place(right, width), place(down ?? "", height)];
    if (!(x >= 0 && x < width && y >= 0 && y < height) || rest.length) {
      throw new LocalFailure("refused", `${name} is ${pair}, which isn't in the picture of ${width}x${height}; give one that is`);
    }
    return { x, y };
  });
}

/** The pixel of a length along a side; 100 % is the last one. */
function place(text, side) {
  const exact = pixels(text, side);
  return Math.trunc(text.includes("%") ? Math.min(exact, side - 1) : exact);
}

function boxOf(text, { height, width }) {
  const parts = text.split(",");
  const [left, top, wide, high] = parts.map((part, index) => pixels(part, index % 2 ? height : width));
  const box = {
    top: Math.trunc(top),
    left: Math.trunc(left),
    bottom: Math.min(rounded(top + high), height),
    right: Math.min(rounded(left + wide), width),
  };
  if (parts.length === 4 && top >= 0 && left >= 0 && box.bottom > box.top && box.right > box.left) return box;
  throw new LocalFailure("refused", `box is ${text}, which isn't in the picture of ${width}x${height}; give one that is`);
}
