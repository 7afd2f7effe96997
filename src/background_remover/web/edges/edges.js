/** The edges of strokes: a worker writes what the server is sent to find them, and puts in what it answers. */

import { Calls } from "../drawing/calls.js";

const calls = new Calls(new URL("./worker.js", import.meta.url));

let edges = 0; // so far: each has its number

/** The part of a picture around one stroke, before the stroke. */
export class Edge {
  #number = ++edges;
  #given;

  /**
   * `original` and `before` are bitmaps of that part in its `box`, which are gone then; the original may be transparent
   * where that is said.
   */
  constructor({ original, before, stroke, box, isTransparent }) {
    this.#given = { original, before, stroke, box: { ...box }, isTransparent };
  }

  /** The files that the server finds the edge by, `{ image, mask }`; null where there is nothing to find. */
  files() {
    const { original, before } = this.#given;
    return this.#ask("files", this.#given, [original, before]);
  }

  /** The part with the edge that the server found, of its file, a mask; as a bitmap. */
  withAnswer(found) {
    return this.#ask("withAnswer", { found });
  }

  /** Lets the worker forget it. */
  close() {
    return this.#ask("close");
  }

  #ask(task, given = {}, handedOver = []) {
    return calls.ask({ task, number: this.#number, given }, handedOver);
  }
}
