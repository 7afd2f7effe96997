/** Practice: pictures that nobody sees are cut out before the first one, so that its code is loaded and compiled by then. */

import { remove } from "./pipeline.js";
import { watchSteps } from "./steps.js";

const ROUNDS = 4; // from then on a picture takes no longer than the next one
const BUDGET = 4000; // milliseconds after which no further round is begun
const SIZE = { width: 640, height: 480 };
const DISCS = 150; // in the ground
const FIELDS = { format: "png", allow_empty: "true" };
const INTERRUPTED = Symbol("somebody waits");

/**
 * Cuts out a picture of its own once, here and in the pool, with every step of a real one, and returns a function that
 * does so again, until one takes no longer than the next.
 *
 * Both end between two steps as soon as `isWanted()`, which is whether somebody waits; `now()` are the
 * milliseconds by which a slow device is left alone sooner. Throws as `remove` does.
 */
export async function practise(runtime, isWanted, now = () => performance.now()) {
  if (isWanted()) return async () => {};
  const [start, image] = [now(), await drawn(SIZE).convertToBlob({ type: "image/jpeg" })];
  const round = () => attempt({ image, mask: null, background: null, fields: FIELDS }, runtime, isWanted);
  let isGoingOn = await round();
  return async () => {
    for (let done = 1; isGoingOn && done < ROUNDS && now() - start < BUDGET; done += 1) isGoingOn = await round();
  };
}

/** Cuts a picture out, and returns whether it came to the end. */
async function attempt(request, runtime, isWanted) {
  watchSteps(async () => {
    await new Promise((resolve) => setTimeout(resolve)); // until then no message arrives
    if (isWanted()) throw INTERRUPTED;
  });
  try {
    await remove(request, runtime);
    return true;
  } catch (error) {
    if (error !== INTERRUPTED) throw error;
    return false;
  } finally {
    watchSteps(null);
  }
}

/** A disc before many others, so that the ground isn't plain. */
function drawn({ width, height }) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  for (let index = 0; index <= DISCS; index += 1) {
    const isLast = index === DISCS;
    const [x, y, radius] = isLast ? [0.5, 0.5, 0.3] : [(index * 0.618) % 1, (index * 0.755) % 1, 0.1];
    context.fillStyle = isLast ? "white" : `hsl(${(index * 47) % 360} 40% ${10 + (index % 5) * 8}%)`;
    context.beginPath();
    context.arc(x * width, y * height, radius * height, 0, 2 * Math.PI);
    context.fill();
  }
  return canvas;
}
