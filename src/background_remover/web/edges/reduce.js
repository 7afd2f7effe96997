/** Reduces pictures for finding edges: by repeated halving, which takes a fraction of the time of one step. */

import { canvas } from "../drawing/canvas.js";

/** `source` at a smaller size, whose sides are the same share of its own; itself where it has that size. */
export function reducedTo(source, { width, height }) {
  let made = source;
  while (made.width >= 2 * width && made.height >= 2 * height) {
    made = drawn(made, Math.ceil(made.width / 2), Math.ceil(made.height / 2));
  }
  return made.width === width && made.height === height ? made : drawn(made, width, height);
}

/** A canvas on which a pixel is the mean of those that it is drawn over. */
function drawn(source, width, height) {
  const made = canvas(width, height);
  made.getContext("2d").drawImage(source, 0, 0, width, height);
  return made;
}
