/** onnxruntime-web and the network, loaded and opened: what `pipeline.js` runs. */

import { LocalFailure } from "./failure.js";
import { awayFor, load } from "./loading.js";

const MOST_THREADS = 8;
const OF_MEMORY = /memory|alloc|out of bounds|table index/i; // in the messages of WebAssembly and onnxruntime
const TRIAL = { height: 64, width: 96 }; // of the picture by which both ways to run a network are compared
const ALIKE = 1 / 255; // the largest difference of their alphas

/**
 * Opens the network of a site: `{ model, takesPrompts, provider, run(pixels, shape, prompts) }`, see `pipeline.js`.
 *
 * `site` is `{ model: { metadata, ...packed }, runtime: { module, glue, wasm: packed, webgpu } }`, with full addresses; for
 * packed files see `load`. `webgpu`, the same three files of the build that has WebGPU, or null, is tried first, and gives
 * way to WebAssembly (`provider` is "webgpu" or "wasm") where it fails, then or later, or gives another answer.
 * `onProgress(share)` is called while the large files are loaded. Throws `LocalFailure`: "away" where the host doesn't
 * answer, "incomplete" where a file is only in part what it should be, "memory".
 */
export async function openRuntime({ model, runtime: { webgpu, ...engine } }, onProgress = () => {}) {
  const all = model.bytes + (webgpu ?? engine).wasm.bytes;
  let loaded = 0;
  const onBytes = (step) => onProgress(Math.min((loaded += step) / all, 1));
  const network = load(model, onBytes);
  const byWasm = async () => {
    const [files, bytes] = await Promise.all([loadEngine(engine, onBytes), network]);
    return openSession(files, bytes, "wasm");
  };
  const accelerated = webgpu && (await openCompared(webgpu, network, onBytes).catch(() => null));
  const opened = { current: accelerated || (await byWasm()) };
  const run = async (...request) => {
    const { current } = opened;
    if (current.provider === "wasm") return current.run(...request);
    return current.run(...request).catch(async () => {
      opened.current = await byWasm(); // the card may be gone, or have too little memory
      return opened.current.run(...request);
    });
  };
  return {
    model: model.metadata,
    takesPrompts: opened.current.takesPrompts,
    get provider() {
      return opened.current.provider;
    },
    run,
  };
}

/** onnxruntime-web, ready to open networks. */
async function loadEngine({ module, glue, wasm }, onBytes) {
  const [made, binary] = await Promise.all([import(module).catch((error) => awayFor(module, error)), load(wasm, onBytes)]);
  const { env } = made;
  env.wasm.wasmBinary = binary;
  env.wasm.wasmPaths = { mjs: glue, wasm: wasm.file };
  env.wasm.numThreads = globalThis.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency || 1, MOST_THREADS) : 1;
  return made;
}

async function openSession({ InferenceSession, Tensor }, network, provider) {
  const session = await orMemory(() => InferenceSession.create(network, { executionProviders: [provider] }));
  const takesPrompts = session.inputNames.includes("prompts");
  const run = async (pixels, shape, prompts) => {
    const feeds = { image: new Tensor("uint8", pixels, shape) };
    if (prompts) feeds.prompts = new Tensor("uint8", prompts, [...shape.slice(0, 3), 4]);
    const { alpha } = await orMemory(() => session.run(feeds));
    return alpha.data;
  };
  return { provider, takesPrompts, run, release: () => session.release?.() };
}

/** The network on the graphics card, if that answers as the processor does; throws where it doesn't. */
async function openCompared(files, network, onBytes) {
  const [engine, bytes] = await Promise.all([loadEngine(files, onBytes), network]);
  const card = await openSession(engine, bytes, "webgpu");
  const processor = await openSession(engine, bytes, "wasm");
  const answers = [];
  for (const one of [card, processor]) answers.push(await tried(one));
  await processor.release();
  const [found, wanted] = answers;
  if (found.length === wanted.length && wanted.every((one, at) => Math.abs(one - found[at]) <= ALIKE)) return card;
  await card.release();
  throw new Error("WebGPU gives another answer than WebAssembly");
}

/** The answer to a bright disc on a dark gradient. */
function tried({ run, takesPrompts }) {
  const { height, width } = TRIAL;
  const pixels = new Uint8Array(height * width * 3);
  for (let at = 0; at < height * width; at += 1) {
    const [y, x] = [Math.floor(at / width), at % width];
    const isDisc = (y - height / 2) ** 2 + (x - width / 2) ** 2 < (height / 3) ** 2;
    pixels.set(isDisc ? [230 - y, 200, 150 + x] : [20 + y, 30, 40 + x / 2], at * 3);
  }
  return run(pixels, [1, height, width, 3], takesPrompts ? new Uint8Array(height * width * 4) : undefined);
}

async function orMemory(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError || OF_MEMORY.test(error.message)) throw new LocalFailure("memory", error.message);
    throw error;
  }
}
