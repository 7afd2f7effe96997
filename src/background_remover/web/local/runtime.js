/** onnxruntime-web and the network, loaded and opened: what `pipeline.js` runs. */

import { LocalFailure } from "./failure.js";

const MOST_THREADS = 8;
const OF_MEMORY = /memory|alloc|out of bounds|table index/i; // in the messages of WebAssembly and onnxruntime

/**
 * Opens the network of a site: `{ model, takesPrompts, run(pixels, shape, prompts) }`, see `pipeline.js`.
 *
 * `site` is `{ model: { file, bytes, sha256, metadata }, runtime: { module, glue, wasm: { file, bytes, sha256 } } }`,
 * with full addresses. `onProgress(share)` is called while the two large files are loaded. Throws `LocalFailure`:
 * "away" where the host doesn't answer, "incomplete" where a file is only in part what it should be, "memory".
 */
export async function openRuntime({ model, runtime }, onProgress = () => {}) {
  const all = model.bytes + runtime.wasm.bytes;
  let loaded = 0;
  const onBytes = (step) => onProgress((loaded += step) / all);
  const [{ env, InferenceSession, Tensor }, wasm, network] = await Promise.all([
    import(runtime.module).catch((error) => awayFor(runtime.module, error)),
    load(runtime.wasm, onBytes),
    load(model, onBytes),
  ]);
  env.wasm.wasmBinary = wasm;
  env.wasm.wasmPaths = { mjs: runtime.glue, wasm: runtime.wasm.file };
  env.wasm.numThreads = globalThis.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency || 1, MOST_THREADS) : 1;
  const session = await orMemory(() => InferenceSession.create(network, { executionProviders: ["wasm"] }));
  const run = async (pixels, shape, prompts) => {
    const feeds = { image: new Tensor("uint8", pixels, shape) };
    if (prompts) feeds.prompts = new Tensor("uint8", prompts, [...shape.slice(0, 3), 4]);
    const { alpha } = await orMemory(() => session.run(feeds));
    return alpha.data;
  };
  return { model: model.metadata, takesPrompts: session.inputNames.includes("prompts"), run };
}

/** A file's bytes as a buffer, checked; where they aren't whole it is loaded anew, past all caches. */
async function load(wanted, onBytes) {
  return (await loadOnce(wanted, "default", onBytes)) ?? (await loadOnce(wanted, "reload", () => {})) ?? incomplete(wanted);
}

/** The bytes, or null where they aren't the file's. */
async function loadOnce({ file, bytes, sha256 }, cache, onBytes) {
  const answer = await fetch(file, { cache }).catch((error) => awayFor(file, error));
  if (!answer.ok) awayFor(file, new Error(`the host says ${answer.status}`));
  const content = new Uint8Array(bytes);
  let length = 0;
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true })); // broken off: it is too short
    if (done) break;
    if (length + value.length > bytes) return null;
    content.set(value, length);
    length += value.length;
    onBytes(value.length);
  }
  return length === bytes && (await isOf(content, sha256)) ? content.buffer : null;
}

/** Whether bytes have this SHA-256; without https a browser can't say, and the length has to do. */
async function isOf(content, sha256) {
  if (!globalThis.crypto?.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === sha256;
}

async function orMemory(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError || OF_MEMORY.test(error.message)) throw new LocalFailure("memory", error.message);
    throw error;
  }
}

function awayFor(file, error) {
  throw new LocalFailure("away", `${file}: ${error.message}`);
}

function incomplete({ file }) {
  throw new LocalFailure("incomplete", `${file} arrived only in part`);
}
