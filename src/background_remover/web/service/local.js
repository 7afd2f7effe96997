/** The browser in place of a server, on a page without one: loads the network once, and keeps it. */

import { Client } from "../local/client.js";
import { keepFiles } from "../local/keeping.js";
import { siteOf } from "../local/site.js";
import { usesWebgpu } from "../local/webgpu.js";
import { facts, FACTS } from "./facts.js";
import { Failure } from "./failure.js";

const OWN_WORDS = { broken: "crashed", large: "memory" }; // kinds of failure that elsewhere are a server's
const followers = new Set(); // of how far the loading is
let keeping = null;
let client = null;

/** Has the browser keep all files: whether it does. `onProgress(share)` is called while they are loaded. */
export async function keep(onProgress) {
  followers.add(onProgress);
  keeping ??= keepFiles((share) => followers.forEach((follow) => follow(share)));
  const isKept = await keeping;
  followers.delete(onProgress);
  return isKept;
}

/** This browser's answer to one request, see `remove` of `service.js`. */
export async function remove({ image, mask, background, fields, signal, onProgress = () => {} }) {
  onProgress("loading", 0);
  await keep((share) => onProgress("loading", share));
  try {
    const { frame, ...wanted } = fields; // a browser decodes the first one
    return await (await clientOf()).remove({ image, mask, background, fields: wanted, signal, onProgress });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw await explained(failure, image);
  }
}

/** Opens the network while nobody waits for it; but not what WebGPU takes, which is loaded with the first picture. */
export async function prepare() {
  try {
    if (!(await usesWebgpu(await facts()))) await (await clientOf()).prepare();
  } catch {
    // it is said with the first picture
  }
}

function clientOf() {
  client ??= facts().then(async (known) => new Client(await siteOf(known, FACTS)));
  return client;
}

async function explained({ kind = "crashed", message }, image) {
  const isThere = kind !== "refused" || (await image.slice(0, 1).arrayBuffer().then(() => true, () => false));
  return Object.assign(new Failure(isThere ? OWN_WORDS[kind] ?? kind : "gone", message), { isLocal: true });
}
