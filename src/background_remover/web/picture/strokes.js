/** Strokes painted on a picture: each is shown at once, and refined once the server answers. */

import { msg } from "../messages/language.js";
import { bitmapOf, part } from "../drawing/canvas.js";
import { boxOf, painted, put } from "../drawing/stroke.js";
import { Edge } from "../edges/edges.js";

const FIELDS = { format: "png", only_mask: "true", allow_empty: "true" };

let masks = 1; // painted so far: each has its number

/** The number of a mask that no other one has. */
export function nextMask() {
  return ++masks;
}

/**
 * The strokes of one `Picture`, as steps `{ stroke, box, before, after, from, to }`: the parts of the cutout without it
 * and with it, and the masks' numbers then.
 */
export class Strokes {
  #picture;
  #waiting = []; // painted on the cutout of now and not refined, the first one first
  #asking = new AbortController(); // of the first one's refinement
  #run = null;
  #begun = null; // the edge that a worker has begun with, `{ step, before, edge }`

  constructor(picture) {
    this.#picture = picture;
  }

  /** Whether the server is refining them. */
  get isRefining() {
    return this.#run !== null;
  }

  /** The steps that aren't refined; others belong to another cutout. */
  get waiting() {
    return this.#waiting;
  }

  set waiting(steps) {
    this.#asking.abort();
    this.#drop();
    this.#waiting = steps;
  }

  /** Paints a stroke; gives it as a step of the history. */
  paint(stroke) {
    const step = { stroke, box: boxOf(stroke, this.#picture.cutout), isRefined: false };
    this.#apply(step);
    return this.stepOf(step);
  }

  /** A stroke that was painted as a step of the history. */
  stepOf(held) {
    const bytes = 8 * held.box.width * held.box.height;
    const [undo, redo] = [() => this.#undo(held), () => this.#redo(held)];
    return { kind: "stroke", label: msg("brush stroke"), held, undo, redo, bytes };
  }

  /** Has the server refine what waits, one after the other: whether anything did. Throws what the server throws. */
  async refine() {
    if (!this.#run && !this.#waiting.length) return false;
    if (!this.#run) {
      this.#run = this.#refineAll(); // a worker has begun by now, so that drawing what has changed delays nothing
      this.#picture.changed();
    }
    return this.#run;
  }

  async #refineAll() {
    let count = 0;
    try {
      while (this.#waiting.length) count += Number(await this.#refineFirst());
      return count > 0;
    } finally {
      this.#run = null;
      this.#picture.changed();
    }
  }

  /** Refines the first one that waits: whether it wasn't undone in the meantime. */
  async #refineFirst() {
    const [step] = this.#waiting;
    const { signal } = (this.#asking = new AbortController());
    try {
      const solved = await this.#solved(this.#takeEdge(step), signal);
      if (signal.aborted) return false;
      this.#take(step, solved);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  /** Has a worker go on with the edge of a stroke, while the page paints it. */
  #begin(step, edge = this.#edgeOf(step)) {
    this.#drop();
    edge.give(bitmapOf(step.before, { ...step.box, x: 0, y: 0 }));
    this.#begun = { step, before: step.before, edge };
  }

  /** Gives up the edge that a worker has begun with. */
  #drop() {
    if (this.#begun) letGo(this.#begun.edge);
    this.#begun = null;
  }

  /** The edge of a stroke: the one that a worker has begun with, or a new one. */
  #takeEdge(step) {
    if (this.#begun?.step !== step || this.#begun.before !== step.before) this.#begin(step);
    const { edge } = this.#begun;
    this.#begun = null;
    return edge;
  }

  #edgeOf({ stroke, box }) {
    const { original, clearOriginal } = this.#picture;
    return new Edge({ original: bitmapOf(original, box), stroke, box, isTransparent: Boolean(clearOriginal) });
  }

  /** What the server makes of a stroke's part, a bitmap; null where there is nothing to find. */
  async #solved(edge, signal) {
    try {
      const files = await edge.files;
      if (!files) return null;
      const { blob } = await this.#picture.ask({ ...files, fields: FIELDS, signal });
      return await edge.withAnswer(blob);
    } finally {
      letGo(edge);
    }
  }

  /** Takes in what the server made of the first one, a bitmap or null; those painted since are painted on that. */
  #take(step, solved) {
    const [, ...later] = this.#waiting;
    for (const one of [...later].reverse()) put(this.#picture.cutout, one.box, one.before);
    Object.assign(step, { after: solved ?? step.after, to: nextMask(), isRefined: true });
    this.#show(step.box, step.after, step.to);
    this.#waiting = [];
    for (const one of later) this.#apply(one);
  }

  #apply(step) {
    const { original, cutout, version } = this.#picture;
    const edge = this.#waiting.length ? null : this.#edgeOf(step); // a worker begins with it
    step.before = part(cutout, step.box);
    if (edge) this.#begin(step, edge);
    const after = painted(step.before, original, step.stroke, step.box);
    Object.assign(step, { after, from: version, to: nextMask() });
    this.#waiting = [...this.#waiting, step];
    this.#show(step.box, after, step.to);
  }

  #undo(step) {
    if (step === this.#waiting[0]) this.#asking.abort();
    if (step === this.#begun?.step) this.#drop();
    this.#waiting = this.#waiting.filter((one) => one !== step);
    this.#show(step.box, step.before, step.from);
  }

  #redo(step) {
    if (step.isRefined) this.#show(step.box, step.after, step.to);
    else this.#apply(step);
  }

  #show(box, piece, version) {
    put(this.#picture.cutout, box, piece);
    this.#picture.renew({ version }, box);
  }
}

function letGo(edge) {
  edge.close().catch(() => {}); // a worker that couldn't be loaded knows nothing of it
}
