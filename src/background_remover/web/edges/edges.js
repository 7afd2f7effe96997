/** The edges of strokes: a worker writes what the server is sent to find them, and puts in what it answers. */

import { Calls } from "../drawing/calls.js";

const calls = new Calls(new URL("./worker.js", import.meta.url));

let edges = 0; // so far: each has its number

/** Starts the worker, for strokes that are about to come. */
export function prepare() {
  calls.start();
}

/** The part of a picture around one stroke, before the stroke; a worker begins with it at once. */
export class Edge {
  /** The files that the server finds the edge by, once they are written, `{ image, mask }`; null where there is nothing to find. */
  files;
  #number = ++edges;

  /**
   * `original` and `before` are bitmaps of that part in its `box`, which are gone then; the original may be transparent
   * where that is said.
   */
  constructor({ original, before, stroke, box, isTransparent }) {
    const given = { original, before, stroke, box: { ...box }, isTransparent };
    this.files = this.#ask("files", given, [original, before]);
    this.files.catch(() => {}); // who awaits it hears of it
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
