/** The buttons for saving, sharing and copying, and the field for file names. */

import { element } from "../form/element.js";
import { msg, tr, translate } from "../messages/language.js";
import { lineOf } from "../messages/texts.js";
import { show as showNotice } from "../messages/notices.js";
import { download, targetOf } from "./download.js";
import { DragOut } from "./dragging.js";
import { canCopy, canShare, copy, share } from "./output.js";
import { PatternField } from "./pattern.js";

const one = (selector) => document.querySelector(selector);
const isDone = (picture) => picture.phase === "done";

/** Saves pictures of a collection, also those dragged out of a strip or a gallery; `format()` is the one that is chosen. */
export class Saving {
  #collection;
  #format;
  #meant = [];
  #share = element("button", { id: "share", type: "button", className: "button", textContent: msg("Share") });
  #pattern = new PatternField(one(".save"));

  constructor(collection, format, strip, gallery) {
    this.#collection = collection;
    this.#format = format;
    this.#listen("#download", () => this.#download(this.#meant));
    translate(this.#share);
    if (canShare()) one("#copy").after(this.#share);
    this.#share.addEventListener("click", () => busily(this.#share, () => this.#shareOne()));
    this.#listen("#copy", () => this.#copy());
    this.#listen("#download-all", () => this.#download(collection.all));
    one("#formats").addEventListener("change", () => this.#showName());
    const nameOf = (picture) => targetOf(picture, collection, format(), this.#pattern.value);
    new DragOut(one("#strip"), { pictureOf: (item) => strip.pictureOf(item), format, nameOf });
    new DragOut(gallery.list, { pictureOf: (item) => gallery.pictureOf(item), canMove: () => gallery.canMove, format, nameOf });
  }

  /** Shows what can be done with the pictures that are meant; `isMany` says that they are chosen in the grid. */
  show(meant, isMany) {
    this.#meant = meant;
    const done = meant.filter(isDone);
    one("#download").disabled = !done.length;
    one("#download span").textContent = isMany && done.length > 1 ? tr("Download {count}", { count: done.length }) : tr("Download");
    one("#copy").disabled = meant.length !== 1 || !done.length || !canCopy();
    this.#share.disabled = one("#download").disabled || meant.length !== 1;
    one("#copy").title = canCopy() ? tr("Copy as a PNG") : tr("Copying needs https, or this very machine");
    one("#download-all").hidden = this.#collection.all.length < 2;
    one("#download-all").disabled = !this.#collection.done.length;
    this.#showName();
  }

  #showName() {
    if (this.#meant.length) this.#pattern.show(this.#meant[0], this.#collection, this.#format());
  }

  async #download(pictures) {
    const done = pictures.filter(isDone);
    const isSaved = await download(done, this.#collection, this.#format(), this.#pattern.value);
    const left = pictures.length - done.length;
    if (isSaved && left) showNotice(tr("Pictures in the ZIP: {count}; not cut out: {left}.", { count: done.length, left }));
  }

  async #shareOne() {
    const [picture] = this.#meant;
    const format = this.#format();
    await share(await picture.result(format), targetOf(picture, this.#collection, format, this.#pattern.value));
  }

  async #copy() {
    await copy(this.#meant[0]);
    showNotice(tr("Copied."));
  }

  #listen(selector, work) {
    one(selector).addEventListener("click", (event) => busily(event.currentTarget, work));
  }
}

/** Runs what a button does, and says what went wrong. */
async function busily(button, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    const words = error.kind ? lineOf(error) : tr("That didn't work: {reason}.", { reason: error.message });
    showNotice(words, { isError: true, action: { label: tr("Try again"), run: () => button.click() } });
  } finally {
    button.removeAttribute("aria-busy");
  }
}
