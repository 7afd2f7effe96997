/** The worker of `edges.js`. */

import { answer } from "../drawing/calls.js";
import { Part } from "./part.js";

const TASKS = { files, before, withAnswer, close };
const parts = new Map(); // number -> the `Part` of an edge that isn't closed

answer(({ task, number, given }) => TASKS[task](number, given));

async function files(number, given) {
  const part = new Part(given);
  parts.set(number, part);
  const made = await part.files();
  if (made) setTimeout(() => parts.get(number)?.prepare()); // after they are on their way
  return made;
}

function before(number, { bitmap }) {
  parts.get(number).give(bitmap);
}

function withAnswer(number, { found }) {
  return parts.get(number).withAnswer(found);
}

function close(number) {
  parts.get(number)?.close();
  parts.delete(number);
}
