/** The form's section for the user's own background pictures; offers the recent ones again. */

import { msg, tr } from "../messages/language.js";
import { copy, hasTransparency } from "../drawing/canvas.js";
import { show as showNotice } from "../messages/notices.js";
import { backgroundOf, isSame, keepBackgrounds, keptBackgrounds } from "../storage/backgrounds.js";
import { element } from "./element.js";

const MOST = 4; // pictures that are offered again
const THUMB = 128;

/** Builds its controls and shows a picture `{ file, bitmap }`, or none; `onChange(picture)` gets the one that is chosen. */
export class OwnPictures {
  element = element("div", { className: "detail" });
  #last = element("div", { className: "backdrops", role: "group", ariaLabel: msg("Your last backgrounds") });
  #name = element("span", { className: "note background-name" });
  #input = element("input", { type: "file", accept: "image/png,image/jpeg,image/webp", hidden: true });
  #button = element("button", { type: "button", className: "button small", textContent: msg("Choose a picture") });
  #pictures = []; // the latest first
  #kept = []; // files of those that the browser has kept, while they aren't wanted
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
    this.#button.addEventListener("click", () => this.choose());
    this.#input.addEventListener("change", () => this.#take());
    this.element.append(this.#button, this.#input, this.#name, this.#last);
    keptBackgrounds().then((files) => (this.#kept = files));
  }

  /** Whether there are any to choose from. */
  get hasSome() {
    return this.#pictures.length + this.#kept.length > 0;
  }

  /** Shows a picture, or none. */
  show(picture) {
    this.#name.textContent = picture?.file.name ?? "";
    const isChosen = (one) => isSame(one.file, picture?.file);
    this.#last.hidden = this.#pictures.every(isChosen);
    for (const [index, button] of [...this.#last.children].entries()) {
      button.setAttribute("aria-pressed", String(isChosen(this.#pictures[index])));
    }
  }

  /** Opens the system's dialog. */
  choose() {
    this.#input.click();
  }

  /** Takes the focus to the button that opens it. */
  focus() {
    this.#button.focus();
  }

  /** Offers those again that the browser has kept; they are read only now. */
  async recall() {
    const files = this.#kept;
    this.#kept = [];
    if (!files.length) return;
    const found = await Promise.all(files.map((file) => backgroundOf(file).catch(() => null)));
    this.#offer([...this.#pictures, ...found.filter(Boolean)]);
  }

  async #take() {
    const [file] = this.#input.files;
    this.#input.value = "";
    if (!file) return;
    try {
      const picture = await backgroundOf(file);
      if (hasTransparency(picture.bitmap)) {
        const words = tr("{name} has transparent parts. A background has to be opaque: choose another one.", { name: file.name });
        showNotice(words, { isError: true });
        return;
      }
      this.#offer([picture, ...this.#pictures.filter((one) => !isSame(one.file, file))]);
      keepBackgrounds(this.#pictures.map((one) => one.file));
      this.#onChange(picture);
    } catch {
      showNotice(tr("{name} can't be read as a picture. Choose another background.", { name: file.name }), { isError: true });
    }
  }

  #offer(pictures) {
    this.#pictures = pictures.slice(0, MOST);
    this.#last.hidden = !this.#pictures.length;
    this.#last.replaceChildren(
      ...this.#pictures.map((one) => {
        const button = element("button", { type: "button", className: "backdrop", ariaLabel: one.file.name, title: one.file.name });
        const factor = THUMB / Math.min(one.bitmap.width, one.bitmap.height);
        button.append(copy(one.bitmap, one.bitmap.width * factor, one.bitmap.height * factor));
        button.addEventListener("click", () => this.#onChange(one));
        return button;
      }),
    );
  }
}
