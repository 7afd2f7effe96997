/** onnxruntime-web and the network, loaded and opened: what `pipeline.js` runs. */

import { LocalFailure } from "./failure.js";
import { awayFor, load } from "./loading.js";

const MOST_THREADS = 8;
const OF_MEMORY = /memory|alloc|out of bounds|table index/i; // in the messages of WebAssembly and onnxruntime

/**
 * Opens the network of a site: `{ model, takesPrompts, run(pixels, shape, prompts) }`, see `pipeline.js`.
 *
 * `site` is `{ model: { metadata, ...packed }, runtime: { module, glue, wasm: packed } }`, with full addresses; for packed
 * files see `load`. `onProgress(share)` is called while the two large files are loaded. Throws `LocalFailure`:
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

async function orMemory(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError || OF_MEMORY.test(error.message)) throw new LocalFailure("memory", error.message);
    throw error;
  }
}
