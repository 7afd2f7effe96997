/** The photo that is sent for a stroke: the surroundings of the stroke, and the rest of its box without detail. */

import { canvas, copy } from "../drawing/canvas.js";
import { addWithin, empty, farthest } from "../drawing/stroke.js";

const BLURRED = 32; // times smaller than the box is what is sent of the rest
const JPEG = { type: "image/jpeg", quality: 0.9 }; // made in a fraction of a WebP's time
const WEBP = { type: "image/webp", quality: 0.85 }; // with transparency

/** A file of a stroke's part of a picture, `original`, which may be reduced: a JPEG unless the picture is transparent. */
export function photo(original, stroke, box, isTransparent) {
  return surroundings(original, stroke, box).convertToBlob(isTransparent ? WEBP : JPEG);
}

function surroundings(original, stroke, box) {
  const { width, height } = original;
  const made = canvas(width, height);
  const rest = copy(original, box.width / BLURRED, box.height / BLURRED);
  made.getContext("2d").drawImage(rest, 0, 0, width, height);
  const factor = width / box.width;
  const line = reduced(stroke, box, factor);
  const whole = { x: 0, y: 0, width, height };
  empty(made, line, whole, farthest(stroke) * factor);
  addWithin(made, original, whole, line, whole, farthest(stroke) * factor);
  return made;
}

/** A stroke in pixels of its box, reduced by a factor. */
function reduced({ points, ...stroke }, box, factor) {
  return { ...stroke, points: points.map(({ x, y }) => ({ x: (x - box.x) * factor, y: (y - box.y) * factor })) };
}
