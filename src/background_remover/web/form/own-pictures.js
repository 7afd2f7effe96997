/** The part of the form that puts a picture of one's own behind the subject, and offers the last ones again. */

import { msg, tr } from "../messages/language.js";
import { copy, decode, hasTransparency, within } from "../drawing/canvas.js";
import { show as showNotice } from "../messages/notices.js";
import { element } from "./element.js";

const LARGEST = 2048; // longer side of what is drawn of it
const MOST = 4; // pictures that are offered again
const THUMB = 128;

/** Builds its controls and shows a picture `{ file, bitmap }`, or none; `onChange(picture)` gets the one that is chosen. */
export class OwnPictures {
  element = element("div", { className: "detail" });
  #last = element("div", { className: "backdrops", role: "group", ariaLabel: msg("Your last backgrounds") });
  #name = element("span", { id: "background-name", className: "note" });
  #input = document.querySelector("#background-file");
  #pictures = []; // the latest first
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
    const button = element("button", { id: "choose-background", type: "button", className: "button small" });
    button.textContent = msg("Choose a picture");
    button.addEventListener("click", () => this.choose());
    this.#input.addEventListener("change", () => this.#take());
    this.element.append(button, this.#name, this.#last);
  }

  /** Shows a picture, or none. */
  show(picture) {
    this.#name.textContent = picture?.file.name ?? "";
    this.#last.hidden = this.#pictures.length < 2;
    for (const [index, button] of [...this.#last.children].entries()) {
      button.setAttribute("aria-pressed", String(this.#pictures[index] === picture));
    }
  }

  /** Opens the system's dialog. */
  choose() {
    this.#input.click();
  }

  async #take() {
    const [file] = this.#input.files;
    this.#input.value = "";
    if (!file) return;
    try {
      const { canvas } = await decode(file);
      if (hasTransparency(canvas)) {
        const words = tr("{name} has transparent parts. A background has to be opaque: choose another one.", { name: file.name });
        showNotice(words, { isError: true });
        return;
      }
      this.#keep({ file, bitmap: within(canvas, LARGEST) });
    } catch {
      showNotice(tr("{name} can't be read as a picture. Choose another background.", { name: file.name }), { isError: true });
    }
  }

  #keep(picture) {
    this.#pictures = [picture, ...this.#pictures].slice(0, MOST);
    this.#last.replaceChildren(
      ...this.#pictures.map((one) => {
        const button = element("button", { type: "button", className: "backdrop", ariaLabel: one.file.name, title: one.file.name });
        const factor = THUMB / Math.min(one.bitmap.width, one.bitmap.height);
        button.append(copy(one.bitmap, one.bitmap.width * factor, one.bitmap.height * factor));
        button.addEventListener("click", () => this.#onChange(one));
        return button;
      }),
    );
    this.#onChange(picture);
  }
}
