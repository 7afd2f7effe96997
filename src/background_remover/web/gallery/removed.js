/** Removed pictures, kept while the removal can be undone. */

import { msg, tr } from "../messages/language.js";
import { show as showNotice } from "../messages/notices.js";

const FOR = 20_000; // milliseconds

/**
 * Takes pictures out of a collection and offers to bring them back. `onOut(pictures, index)` is called when some went,
 * the first of them from this place, `onBack(pictures)` when they are back, and `onGone(picture)` when one is given up.
 */
export class Removed {
  #collection;
  #steps = []; // of the collection's history, in the order of removal, of the message that is shown
  #notice = null;
  #on;

  constructor(collection, { onOut, onBack, onGone }) {
    this.#collection = collection;
    this.#on = { onOut, onBack, onGone };
  }

  /** Removes pictures, as one step. */
  remove(pictures) {
    const step = { label: msg("removal"), entries: [], undo: () => this.#back([step]), redo: () => this.#out(step, pictures) };
    this.#collection.history.push(step);
    step.redo();
  }

  #out(step, pictures) {
    step.entries = pictures.map((picture) => ({ picture, index: this.#collection.remove(picture) }));
    this.#steps = [...this.#steps, step];
    this.#on.onOut(pictures, step.entries[0].index);
    this.#offer();
  }

  #back(steps) {
    this.#steps = this.#steps.filter((step) => !steps.includes(step));
    const entries = steps.flatMap((step) => step.entries);
    for (const { picture, index } of entries.toReversed()) this.#collection.add([picture], index);
    this.#on.onBack(entries.map(({ picture }) => picture));
    this.#offer();
  }

  /** Says what is removed, in place of the last message of that. */
  #offer() {
    this.#notice?.remove();
    const steps = this.#steps;
    const pictures = steps.flatMap((step) => step.entries.map(({ picture }) => picture));
    if (!pictures.length) return;
    const [{ name }] = pictures;
    const count = pictures.length;
    const words = count === 1 ? tr("{name} is removed.", { name }) : tr("{count} pictures are removed.", { count });
    const onClose = () => this.#giveUp(steps);
    this.#notice = showNotice(words, { action: { label: tr("Undo"), run: () => this.#undo(steps) }, lasts: FOR, onClose });
  }

  #undo(steps) {
    for (const step of steps) this.#collection.history.forget(step);
    this.#back(steps);
  }

  #giveUp(steps) {
    if (this.#steps !== steps) return; // a later message offers them too
    this.#steps = [];
    for (const step of steps) {
      this.#collection.history.forget(step);
      for (const { picture } of step.entries) this.#on.onGone(picture);
    }
  }
}
