/** The worker of `client.js`: opens the network when it is first needed, and works on one request after the other. */

import { remove } from "./pipeline.js";
import { openRuntime } from "./runtime.js";
import { beginHelpers } from "./threads.js";

const SAMPLE = { width: 640, height: 480 }; // of the picture that is cut out before the first one
const DISCS = 150; // in its ground
const waiting = []; // { number, request }, or without a request where all is to be prepared
let site = null;
let opening = null;
let isWorking = false;

addEventListener("message", ({ data }) => {
  if (data.site) begin(data.site);
  if (data.request || data.isToPrepare) waiting.push(data);
  if ("stop" in data) waiting.splice(0, waiting.length, ...waiting.filter(({ number }) => number !== data.stop));
  if (!isWorking) work();
});

function begin(given) {
  site = given;
  beginHelpers();
}

async function work() {
  isWorking = true;
  for (let next; (next = waiting.shift()); ) await answer(next);
  isWorking = false;
}

async function answer({ number, request }) {
  const onProgress = (stage, share) => postMessage({ number, stage, share });
  try {
    const runtime = await opened();
    if (request) onProgress("cutting", 0);
    const made = request ? await remove({ ...request, onProgress }, runtime) : await practised(runtime);
    postMessage({ number, answer: { ...made, provider: runtime.provider } });
  } catch (error) {
    const isOfMemory = error instanceof RangeError;
    postMessage({ number, failure: { kind: error.kind ?? (isOfMemory ? "memory" : "crashed"), message: `${error.message}` } });
  }
}

/** The open network; where that failed it is tried again at the next request. */
function opened() {
  opening ??= openRuntime(site, (share) => postMessage({ stage: "loading", share })).catch((error) => {
    opening = null;
    throw error;
  });
  return opening;
}

/** Cuts out a picture that nobody sees, unless somebody waits: then every module is loaded, here and in helpers, and compiled. */
async function practised(runtime) {
  if (waiting.length) return;
  const image = await drawn(SAMPLE).convertToBlob();
  await remove({ image, mask: null, background: null, fields: { format: "png", allow_empty: "true" } }, runtime);
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
