/** Pictures that were removed, kept for as long as they can be brought back. */

import { tr } from "../messages/language.js";
import { show as showNotice } from "../messages/notices.js";

const FOR = 20_000; // milliseconds

/** Offers to undo removals; `onBack(picture, index)` gets each picture back, `onGone(picture)` each that is given up. */
export class Removed {
  #entries = []; // { picture, index }, in the order of removal, of the message that is shown
  #onBack;
  #onGone;

  constructor({ onBack, onGone }) {
    this.#onBack = onBack;
    this.#onGone = onGone;
  }

  /** Notes that a picture was removed from this place in the list. */
  add(picture, index) {
    const entries = [...this.#entries, { picture, index }];
    this.#entries = entries; // before the last message goes, which then gives up nothing
    const { name } = picture;
    const count = entries.length;
    const words = count === 1 ? tr("{name} is removed.", { name }) : tr("{count} pictures are removed.", { count });
    showNotice(words, {
      action: { label: tr("Undo"), run: () => this.#restore(entries) },
      lasts: FOR,
      onClose: () => this.#giveUp(entries),
    });
  }

  #restore(entries) {
    this.#entries = [];
    for (const { picture, index } of entries.toReversed()) this.#onBack(picture, index);
  }

  #giveUp(entries) {
    if (this.#entries !== entries) return; // a later message offers them too
    this.#entries = [];
    for (const { picture } of entries) this.#onGone(picture);
  }
}
