/** The edges of strokes: a worker prepares what is sent to the server to find them, and applies its answer. */

import { Calls } from "../drawing/calls.js";

const calls = new Calls(new URL("./worker.js", import.meta.url));

let edges = 0; // so far: each has its number

/** Starts the worker, for strokes that are about to come. */
export function prepare() {
  calls.start();
}

/** The part of a picture around one stroke; a worker begins with it at once. */
export class Edge {
  /** The files that the server finds the edge by, once they are written, `{ image, mask }`; null where there is nothing to find. */
  files;
  #number = ++edges;

  /** `original` is a bitmap of that part in its `box`, which is gone then; it may be transparent where that is said. */
  constructor({ original, stroke, box, isTransparent }) {
    this.files = this.#ask("files", { original, stroke, box: { ...box }, isTransparent }, [original]);
    this.files.catch(() => {}); // who awaits it hears of it
  }

  /** Takes the same part of the cutout before the stroke, a bitmap that is gone then. */
  give(before) {
    this.#ask("before", { bitmap: before }, [before]).catch(() => {}); // `files` fails as well
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
