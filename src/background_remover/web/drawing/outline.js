/** The outline of a sticker on the page: an approximation of the server's, drawn at once. */

import { canvas, copy, filled } from "./canvas.js";

const DIRECTIONS = 24;
const STEEP = 4; // how much steeper edges are made: haze around a subject has no outline, as for the server
const LEAST = 0.5; // pixels: the last ring around a ring around a shape

/**
 * The shape of a cutout, widened by so many pixels, in one colour.
 *
 * The shape is drawn in a ring of half that radius around itself, what that gives in one of a quarter, and so on:
 * sums of rings fill a disc.
 */
export function band(source, radius, colour) {
  let shape = filled(solid(source), colour);
  for (let ring = radius / 2, left = radius; left > LEAST; left -= ring, ring = Math.max(left / 2, LEAST)) {
    shape = around(shape, Math.min(ring, left));
  }
  return shape;
}

/** A copy of a canvas whose alpha is steeper around one half. */
function solid(source) {
  const made = copy(source);
  const context = made.getContext("2d");
  const image = context.getImageData(0, 0, made.width, made.height);
  for (let at = 3; at < image.data.length; at += 4) image.data[at] = (image.data[at] - 127.5) * STEEP + 127.5; // clamped
  context.putImageData(image, 0, 0);
  return made;
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
