/** A picture in, its cutout out: by the server, or by this browser where the page has none. */

import { facts } from "./facts.js";
import * as server from "./server.js";

export { Failure } from "./failure.js";

/**
 * The answer to one request: `{ blob, confidence, isUnsure, ground }`.
 *
 * `fields` are the command's flags by name; `mask` and `background` are files. `onProgress(stage, share)` is called
 * for "sending", "cutting" and "receiving", `onWait(seconds)` for a busy server, which is asked `tries` times. Throws
 * `Failure`, or an `AbortError`.
 */
export async function remove(request) {
  const known = await facts();
  const { remove } = known?.static ? await import("./local.js") : server;
  return remove(request);
}
