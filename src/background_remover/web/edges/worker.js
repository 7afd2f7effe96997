/** The worker of `edges.js`. */

import { answer } from "../drawing/calls.js";
import { bandsOf, refined } from "../drawing/stroke.js";
import { cutoutOf } from "./colours.js";
import { photo } from "./photo.js";
import { trimap } from "./trimap.js";
import { write } from "./trimap-png.js";

const TASKS = { files, withAnswer, close };
const edges = new Map(); // number -> what is given of an edge that isn't closed

answer(({ task, number, given }) => TASKS[task](number, given));

async function files(number, given) {
  edges.set(number, given);
  const { original, before, stroke, box, isTransparent } = given;
  const written = photo(original, stroke, box, isTransparent); // another thread does, while this one goes on
  const unsolved = trimap(before, isTransparent ? original : null, stroke, box);
  const [image, mask] = await Promise.all([written, unsolved && write(unsolved)]);
  return unsolved ? { image, mask } : null;
}

async function withAnswer(number, { found }) {
  const { original, before, stroke, box } = edges.get(number);
  const mask = await createImageBitmap(found);
  const solved = cutoutOf(original, mask, stroke.radius, bandsOf(stroke, box));
  mask.close();
  return refined(before, solved, stroke, box).transferToImageBitmap();
}

function close(number) {
  const given = edges.get(number);
  given?.original.close();
  given?.before.close();
  edges.delete(number);
}
