/** The worker that cuts pictures out in this browser, as whoever asks it sees it. */

import { LocalFailure } from "./failure.js";

const HAS_SIMD = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
); // a module of one function, with two instructions of 128 bits
const FATAL = new Set(["crashed", "memory"]); // kinds of failure after which the worker is begun anew

/** Asks a worker, which is begun at the first request; `site` says where its files are, see `openRuntime`. */
export class Client {
  #site;
  #worker = null;
  #isAlive = false; // whether the worker has answered
  #asked = new Map(); // number -> { resolve, reject, onProgress }
  #count = 0;

  constructor(site) {
    this.#site = site;
  }

  /**
   * The answer to one request, `{ blob, confidence, isUnsure, ground, provider }`, see `remove` of `pipeline.js`, and for
   * what has run the network `openRuntime` of `runtime.js`.
   *
   * `onProgress(stage, share)` is called for "loading" and "cutting". Throws `LocalFailure`, or an `AbortError` once
   * `signal` says so. Besides the kinds of `pipeline.js` there are "unsupported", "away", "incomplete", "memory" and
   * "crashed".
   */
  remove({ image, mask = null, background = null, fields = {}, signal, onProgress = () => {} }) {
    return this.#ask({ request: { image, mask, background, fields } }, onProgress, signal);
  }

  /**
   * Opens the network before the first request, and cuts out a picture of its own. Once that is done the worker cuts out
   * some more, until it is wanted, so that the first one is as quick as the next. Throws as `remove` does.
   */
  async prepare() {
    await this.#ask({ isToPrepare: true });
  }

  #ask(what, onProgress = () => {}, signal = undefined) {
    return new Promise((resolve, reject) => {
      if (!canRun()) throw new LocalFailure("unsupported", "this browser has no WebAssembly with SIMD");
      const number = this.#count++;
      const stop = () => {
        this.#worker?.postMessage({ stop: number });
        this.#end(number, ({ reject }) => reject(new DOMException("no longer wanted", "AbortError")));
      };
      this.#asked.set(number, { resolve, reject, onProgress });
      if (signal?.aborted) return stop();
      signal?.addEventListener("abort", stop, { once: true });
      this.#worker ??= this.#begin();
      this.#worker.postMessage({ number, ...what });
    });
  }

  /** Ends the worker, and all that is asked of it. */
  close(failure = new LocalFailure("crashed", "the worker was ended")) {
    this.#worker?.terminate();
    this.#worker = null;
    this.#isAlive = false;
    for (const number of [...this.#asked.keys()]) this.#end(number, ({ reject }) => reject(failure));
  }

  #begin() {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }) => worker === this.#worker && this.#take(data));
    worker.addEventListener("error", ({ message }) => {
      if (worker !== this.#worker) return;
      const kind = this.#isAlive ? "crashed" : "away"; // one that never answered couldn't be loaded
      this.close(new LocalFailure(kind, message ?? "the worker can't be loaded"));
    });
    worker.postMessage({ site: this.#site });
    return worker;
  }

  #take({ number, stage, share, answer, failure }) {
    this.#isAlive = true;
    if (stage === "loading") for (const { onProgress } of this.#asked.values()) onProgress(stage, share);
    else if (stage) this.#asked.get(number)?.onProgress(stage, share);
    if (answer) this.#end(number, ({ resolve }) => resolve(answer));
    if (!failure) return;
    const error = new LocalFailure(failure.kind, failure.message);
    this.#end(number, ({ reject }) => reject(error));
    if (FATAL.has(failure.kind)) this.close(error);
  }

  #end(number, tell) {
    const asked = this.#asked.get(number);
    this.#asked.delete(number);
    if (asked) tell(asked);
  }
}

/** Whether this browser can run the network: it takes WebAssembly with SIMD, and a worker's canvas. */
export function canRun() {
  return typeof WebAssembly === "object" && WebAssembly.validate(HAS_SIMD) && typeof OffscreenCanvas === "function";
}
