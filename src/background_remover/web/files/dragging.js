/** Results dragged out of the page: onto the desktop, or into another page. */

import { tr } from "../messages/language.js";
import { show as showNotice, showFailure } from "../messages/notices.js";
import { lineOf } from "../messages/texts.js";

/** The type by which the page knows its own results, which it doesn't take in again. */
export const OWN = "application/x-result";

const REST = 200; // milliseconds that a pointer has to rest on a picture before its file is made
const KEPT = 60_000; // milliseconds until a dragged file's address is given up

/**
 * Lets the items of a list be dragged out: `pictureOf(item)` is the picture of one, `format()` and `nameOf(picture)` are those
 * of its file; `canMove()` says whether a drag also moves it within the list, as it never does by default. A browser wants the
 * file when the drag begins, so that it is made while the pointer is over the item.
 */
export class DragOut {
  #of;
  #timer = 0;
  #made = null; // { key, blob, name } of the last one

  constructor(list, of) {
    this.#of = { canMove: () => false, ...of };
    if (!matchMedia("(pointer: fine)").matches) return; // fingers scroll the list
    list.addEventListener("pointerover", (event) => this.#over(event));
    list.addEventListener("pointerleave", () => clearTimeout(this.#timer));
    list.addEventListener("dragstart", (event) => this.#begin(event));
  }

  #picture(event) {
    const picture = this.#of.pictureOf(event.target.closest?.("li"));
    return picture?.phase === "done" ? picture : null;
  }

  #over(event) {
    clearTimeout(this.#timer);
    const item = event.target.closest?.("li");
    const picture = this.#picture(event);
    if (!item) return;
    item.draggable = Boolean(picture) || this.#of.canMove();
    item.title = picture ? tr("Drag it out of the page to save it") : "";
    if (picture) this.#timer = setTimeout(() => this.#make(picture).catch(() => {}), REST); // a drag says why not
  }

  #key({ version, accepted, settings }, format) {
    return [version, accepted, settings, format];
  }

  async #make(picture) {
    const format = this.#of.format();
    const key = this.#key(picture, format);
    const blob = await picture.result(format);
    this.#made = { key, blob, name: this.#of.nameOf(picture) };
  }

  #begin(event) {
    const picture = this.#picture(event);
    const canMove = this.#of.canMove();
    const key = picture && this.#key(picture, this.#of.format());
    const isMade = picture && this.#made?.key.every((part, index) => part === key[index]);
    if (isMade) this.#give(event.dataTransfer, this.#made);
    if (canMove) return; // with or without a file
    if (isMade) showThumbnail(event.dataTransfer, picture);
    else event.preventDefault();
    if (picture && !isMade) this.#explain(picture);
  }

  async #explain(picture) {
    showNotice(tr("The file is being made. Drag it again in a moment."));
    try {
      await this.#make(picture);
    } catch (error) {
      showFailure(lineOf(error), error, () => this.#explain(picture));
    }
  }

  #give(dataTransfer, { blob, name }) {
    const url = URL.createObjectURL(blob);
    dataTransfer.effectAllowed = "copy";
    dataTransfer.setData(OWN, "");
    dataTransfer.setData("DownloadURL", `${blob.type}:${name.replaceAll(":", "_")}:${url}`); // for the desktop, in Chromium
    dataTransfer.items.add(new File([blob], name, { type: blob.type })); // for other pages
    setTimeout(() => URL.revokeObjectURL(url), KEPT);
  }
}

function showThumbnail(dataTransfer, { thumb: { cutout } }) {
  dataTransfer.setDragImage(cutout, cutout.width / 2, cutout.height / 2);
}
