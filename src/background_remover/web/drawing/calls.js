/** Calls of a worker as a function: a message to it, and a promise of its answer. */

import { Failure } from "../service/failure.js";

/** Asks a worker, which is started when it is asked first, if not before. */
export class Calls {
  #address;
  #worker = null;
  #open = new Map(); // number -> { resolve, reject }
  #count = 0;

  /** `address` is the URL of its module, which calls `answer`. */
  constructor(address) {
    this.#address = address;
  }

  /** Has it started, so that its first answer doesn't wait for that. */
  start() {
    this.#worker ??= this.#started();
  }

  /**
   * What it answers to a message, some of whose parts are handed over to it. Throws what it throws, as an `Error`, and a
   * `Failure` where its module can't be loaded; it is then loaded again when it is asked next.
   */
  ask(message, handedOver = []) {
    this.start();
    return new Promise((resolve, reject) => {
      const number = this.#count++;
      this.#open.set(number, { resolve, reject });
      this.#worker.postMessage({ number, message }, handedOver);
    });
  }

  #started() {
    const worker = new Worker(this.#address, { type: "module" });
    worker.addEventListener("message", ({ data: { number, result, failure } }) => {
      const { resolve, reject } = this.#open.get(number);
      this.#open.delete(number);
      if (failure === undefined) resolve(result);
      else reject(new Error(failure));
    });
    worker.addEventListener("error", ({ message }) => this.#fail(message ? new Error(message) : new Failure("away")));
    return worker;
  }

  #fail(error) {
    this.#worker.terminate();
    this.#worker = null;
    for (const { reject } of this.#open.values()) reject(error);
    this.#open.clear();
  }
}

/** Within a worker: answers each message by what `work(message)` makes of it. */
export function answer(work) {
  addEventListener("message", async ({ data: { number, message } }) => {
    try {
      const result = await work(message);
      postMessage({ number, result }, result instanceof ImageBitmap ? [result] : []);
    } catch (error) {
      postMessage({ number, failure: error.message });
    }
  });
}
