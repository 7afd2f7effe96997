/** What the server is sent of the picture for a stroke: what is near the stroke, and the rest of its box without detail. */

import { canvas, copy, within } from "../drawing/canvas.js";
import { addWithin, empty, farthest } from "../drawing/stroke.js";

const BLURRED = 32; // times smaller is what is sent of the rest
const LARGEST = 8192; // longer side; a WebP holds no more than twice that
const JPEG = { type: "image/jpeg", quality: 0.75 }; // edges are found in it as well as in a WebP of 0.85, made in a fifteenth of its time
const WEBP = { type: "image/webp", quality: 0.85 }; // with transparency

/** A file of a stroke's part of a picture, a JPEG unless the picture is transparent. */
export function photo(original, stroke, box, isTransparent) {
  return within(surroundings(original, stroke, box), LARGEST).convertToBlob(isTransparent ? WEBP : JPEG);
}

function surroundings(original, stroke, box) {
  const made = canvas(box.width, box.height);
  const rest = copy(original, box.width / BLURRED, box.height / BLURRED);
  made.getContext("2d").drawImage(rest, 0, 0, box.width, box.height);
  empty(made, stroke, box, farthest(stroke));
  addWithin(made, original, box, stroke, box, farthest(stroke));
  return made;
}
