/** One picture in the grid: its thumbnail, name and confidence. */

import { percent, tr } from "../messages/language.js";
import { ofPhase } from "../messages/texts.js";
import { needsCheck } from "./order.js";
import { showProgress } from "./strip.js";
import { drawThumbnail, looksOf } from "./thumbnail.js";

/** A picture's element, an option of a list box. */
export class Tile {
  element = document.createElement("li");
  picture;
  #canvas = document.createElement("canvas");
  #name = document.createElement("span");
  #note = document.createElement("span");
  #progress = document.createElement("progress");
  #looks = [];
  #asked = false;

  constructor(picture) {
    this.picture = picture;
    const { element } = this;
    element.className = "tile";
    element.setAttribute("role", "option");
    element.draggable = true;
    this.#canvas.setAttribute("aria-hidden", "true");
    this.#name.className = "tile-name";
    this.#name.textContent = picture.name;
    this.#note.className = "tile-note";
    this.#progress.max = 100;
    this.#progress.setAttribute("aria-hidden", "true"); // the note says it
    const frame = document.createElement("div");
    frame.className = "tile-frame";
    frame.append(this.#canvas);
    element.append(frame, this.#name, this.#note, this.#progress);
    this.update();
  }

  /** Shows what has become of the picture. */
  update() {
    const { picture } = this;
    const isDone = picture.phase === "done";
    this.element.dataset.phase = picture.phase;
    this.element.classList.toggle("unsure", isDone && needsCheck(picture));
    this.#note.textContent = noteOf(picture);
    this.#progress.hidden = isDone || Boolean(picture.failure);
    showProgress(this.#progress, picture);
    this.#draw();
  }

  /** Marks it as selected or not, and as the one that the Tab key comes to. */
  mark(isSelected, hasFocus) {
    this.element.setAttribute("aria-selected", String(isSelected));
    this.element.tabIndex = hasFocus ? 0 : -1;
  }

  /** Draws before the screen is shown next, if it would be another view. */
  #draw() {
    if (this.#asked || !this.picture.thumb || this.#isDrawn) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#looks = looksOf(this.picture);
      drawThumbnail(this.#canvas, this.picture);
    });
  }

  get #isDrawn() {
    return looksOf(this.picture).every((part, index) => part === this.#looks[index]);
  }
}

function noteOf(picture) {
  if (picture.phase !== "done" || picture.cut.confidence === null) return ofPhase(picture);
  if (picture.version) return tr("Mended by hand");
  const sure = tr("{percent} sure", { percent: percent(picture.cut.confidence) });
  return picture.isUnsure ? tr("Unsure, {sure}", { sure }) : sure;
}
