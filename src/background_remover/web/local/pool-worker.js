/** A worker of the pool in `threads.js`: takes parts of the work on one picture. */

import { taken } from "./threads.js";

addEventListener("message", async ({ data: { number, module, name, given, parts, next } }) => {
  try {
    const { [name]: work } = await import(module);
    postMessage({ number, result: await work(given, taken(parts, next)) });
  } catch (error) {
    const kind = error.kind ?? (error instanceof RangeError ? "memory" : undefined);
    postMessage({ number, failure: { ...(kind && { kind }), message: error.message } });
  }
});
