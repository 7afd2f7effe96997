/** The undo and redo steps of a picture. */

import { heldBytes, pack } from "./canvases.js";

const MOST = 100; // steps
const LARGEST = 256 * 2 ** 20; // bytes that the steps of all histories, and canvases of pictures that aren't shown, may hold

const histories = new Set(); // weak references to those that hold something
let count = 0; // of steps so far: each has its number

/**
 * A list of steps `{ label, undo, redo, bytes }`, see `stepOf` of `Edits`. Where those of all pictures together hold too much,
 * the oldest that hold something are forgotten, and what was done before them on the same picture.
 */
export class History {
  #done = [];
  #undone = [];
  #numbers = new WeakMap(); // step -> its number: the lower, the older
  #self = new WeakRef(this);

  /** Notes a step that was just done; what was undone before it is gone. */
  push(step) {
    this.#undone = [];
    this.#add(step);
    if (this.#done.length > MOST) this.#done.shift();
    forgetOldest(step);
  }

  #add(step) {
    this.#numbers.set(step, ++count);
    this.#done.push(step);
    histories.add(this.#self);
  }

  /** The bytes that it holds. */
  get bytes() {
    return [...this.#done, ...this.#undone].reduce((sum, one) => sum + bytesOf(one), 0);
  }

  /** The number of the oldest step that holds something and isn't `kept`; infinite without one. */
  ageBut(kept) {
    const oldest = this.#heavy(kept);
    return oldest ? this.#numbers.get(oldest) : Infinity;
  }

  /** Forgets that step and those before it; of what was undone, all. */
  forgetOldest(kept) {
    const at = this.#done.indexOf(this.#heavy(kept));
    if (at < 0) this.#undone = [];
    else this.#done = this.#done.slice(at + 1);
  }

  #heavy(kept) {
    return [...this.#done, ...this.#undone.toReversed()].find((one) => one !== kept && bytesOf(one));
  }

  /** Forgets all steps. */
  clear() {
    this.#done = [];
    this.#undone = [];
    histories.delete(this.#self);
  }

  /** The steps that were done, the first one first. */
  get done() {
    return [...this.#done];
  }

  /** Begins with steps that were done before, the first one first. */
  resume(steps) {
    this.#done = [];
    for (const step of steps) this.#add(step);
    forgetOldest(steps.at(-1));
  }

  get canUndo() {
    return this.#done.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  /** The step that is undone next. */
  get last() {
    return this.#done.at(-1);
  }

  /** The step that is done again next. */
  get next() {
    return this.#undone.at(-1);
  }

  /** Drops a step, done or undone, that can't be taken back any more. */
  forget(step) {
    this.#done = this.#done.filter((one) => one !== step);
    this.#undone = this.#undone.filter((one) => one !== step);
  }

  /** Undoes the last step; gives its label, or null where there is none. */
  undo() {
    return this.#move(this.#done, this.#undone, "undo");
  }

  /** Does again what was undone last; gives its label, or null where there is none. */
  redo() {
    return this.#move(this.#undone, this.#done, "redo");
  }

  #move(from, to, name) {
    const step = from.pop();
    if (!step) return null;
    step[name]();
    to.push(step);
    return step.label;
  }
}

function bytesOf({ bytes = 0 }) {
  return bytes;
}

/**
 * Has all together hold no more than they may: canvases become files, from which they can be made again, and then histories
 * forget their oldest steps, but not the step `kept`.
 */
export function forgetOldest(kept) {
  for (const reference of histories) if (!reference.deref()) histories.delete(reference);
  const all = [...histories].map((reference) => reference.deref());
  let total = all.reduce((sum, one) => sum + one.bytes, heldBytes());
  total -= pack(total - LARGEST);
  while (total > LARGEST) {
    const oldest = all.reduce((one, other) => (other.ageBut(kept) < one.ageBut(kept) ? other : one));
    if (oldest.ageBut(kept) === Infinity) return;
    total -= oldest.bytes;
    oldest.forgetOldest(kept);
    total += oldest.bytes;
  }
}
