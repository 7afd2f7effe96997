/** The worker of `client.js`: opens the network when it is first needed, and works on one request after the other. */

import { remove } from "./pipeline.js";
import { practise } from "./practice.js";
import { openRuntime } from "./runtime.js";
import { startPool } from "./threads.js";

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
  startPool();
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
    const made = request ? await remove({ ...request, onProgress }, runtime) : null;
    const goOn = request ? null : await practise(runtime, () => waiting.length > 0);
    postMessage({ number, answer: { ...made, provider: runtime.provider } });
    await goOn?.().catch(() => {}); // what fails here is said with the first picture
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
