/** The pictures on the page in their order, and the changes made to several at once. */

import { msg } from "../messages/language.js";
import { History } from "../picture/history.js";

/** Fires "change" when other pictures are in it, or the same in another order. */
export class Collection extends EventTarget {
  history = new History(); // of what was done to several, or to the list itself
  #pictures = [];

  /** All pictures, in their order. */
  get all() {
    return this.#pictures;
  }

  /** Those that are cut out. */
  get done() {
    return this.#pictures.filter((picture) => picture.phase === "done");
  }

  /** Adds pictures at this place, by default at the end. */
  add(pictures, index = this.#pictures.length) {
    this.#set(this.#pictures.toSpliced(index, 0, ...pictures));
  }

  /** Takes a picture out; gives its place. */
  remove(picture) {
    const index = this.#pictures.indexOf(picture);
    this.#set(this.#pictures.filter((other) => other !== picture));
    return index;
  }

  /** Moves pictures before another one, or to the end before `null`, as a step of the history. */
  move(pictures, before) {
    const moved = new Set(pictures);
    const from = this.#pictures;
    const rest = from.filter((picture) => !moved.has(picture));
    const next = from.slice(before ? from.indexOf(before) : from.length).find((picture) => !moved.has(picture));
    const to = rest.toSpliced(next ? rest.indexOf(next) : rest.length, 0, ...from.filter((picture) => moved.has(picture)));
    if (to.every((picture, index) => picture === from[index])) return;
    this.history.push({ label: msg("order"), undo: () => this.#arrange(from), redo: () => this.#arrange(to) });
    this.#set(to);
  }

  /** Takes this order for the pictures that are still there; others come last. */
  #arrange(order) {
    const there = new Set(this.#pictures);
    const known = new Set(order);
    const others = this.#pictures.filter((picture) => !known.has(picture));
    this.#set([...order.filter((picture) => there.has(picture)), ...others]);
  }

  #set(pictures) {
    this.#pictures = pictures;
    this.dispatchEvent(new Event("change"));
  }
}
