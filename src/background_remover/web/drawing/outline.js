/** The outline of a sticker on the page: near enough to the server's, and at once. */

import { canvas, filled } from "./canvas.js";

const DIRECTIONS = 24;
const LEAST = 0.5; // pixels: the last ring around a ring around a shape

/**
 * The shape of a cutout, widened by so many pixels, in one colour.
 *
 * The shape is drawn in a ring of half that radius around itself, what that gives in one of a quarter, and so on:
 * sums of rings fill a disc.
 */
export function band(source, radius, colour) {
  let shape = filled(source, colour);
  for (let ring = radius / 2, left = radius; left > LEAST; left -= ring, ring = Math.max(left / 2, LEAST)) {
    shape = around(shape, Math.min(ring, left));
  }
  return shape;
}

function around(shape, radius) {
  const made = canvas(shape.width, shape.height);
  const context = made.getContext("2d");
  context.drawImage(shape, 0, 0);
  for (let number = 0; number < DIRECTIONS; number++) {
    const angle = (2 * Math.PI * number) / DIRECTIONS;
    context.drawImage(shape, radius * Math.cos(angle), radius * Math.sin(angle));
  }
  return made;
}
