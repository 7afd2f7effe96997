/** The form's section for the size of the result, and for the subject's position on it. */

import { msg, number, tr, translate } from "../messages/language.js";
import { POSITIONS, SIZES } from "../picture/layout.js";
import { element, slide } from "./element.js";

const SIZE_NAMES = {
  original: msg("Original"),
  square: msg("Square"),
  "4:5": "4:5",
  "16:9": "16:9",
  marketplace: msg("Marketplace"),
  passport: msg("Passport"),
  custom: msg("Custom"),
};
const SIZE_HINTS = {
  marketplace: msg("2000 by 2000 pixels on white, the subject on 85 % of it"),
  passport: msg("35 by 45 mm"),
};
const POSITION_NAMES = {
  "top-left": msg("Top left"),
  top: msg("Top"),
  "top-right": msg("Top right"),
  left: msg("Left"),
  centre: msg("Middle"),
  right: msg("Right"),
  "bottom-left": msg("Bottom left"),
  bottom: msg("Bottom"),
  "bottom-right": msg("Bottom right"),
};
const LONGEST_SIDE = 10_000; // pixels
const NOTICED = 1.05; // how much a subject is enlarged before the form says so

/**
 * Builds its controls before `next`, shows a picture's size and lets it be changed: `onPreview(part)` gets settings while a
 * slider moves, `onChange(part)` once a choice is made.
 */
export class SizePanel {
  #group = element("fieldset", { className: "group" });
  #detail = element("div", { className: "detail sizing" });
  #own = element("div", { className: "row sides" });
  #note = element("p", { className: "note" });
  #fill = element("input", { id: "fill", type: "range", min: 10, max: 100, step: 1 });
  #sides = [side("canvas-width", msg("Width in pixels")), side("canvas-height", msg("Height in pixels"))];
  #onChange;

  constructor(next, { onPreview, onChange }) {
    this.#onChange = onChange;
    this.#group.dataset.part = "size";
    this.#own.append(this.#sides[0], element("span", { textContent: "×", ariaHidden: "true" }), this.#sides[1], "px");
    const fill = slide(msg("Fill"), this.#fill);
    fill.title = msg("How much of the canvas the subject may fill");
    this.#detail.append(positions(), fill);
    this.#group.append(element("legend", { textContent: msg("Size") }), sizes(), this.#own, this.#detail, this.#note);
    translate(this.#group);
    next.before(this.#group);
    this.#group.addEventListener("change", ({ target }) => this.#take(target));
    this.#fill.addEventListener("input", () => onPreview({ fill: Number(this.#fill.value) }));
  }

  /** Shows what is chosen of a picture, and the size that it comes to. */
  show({ settings, layout }) {
    this.#group.querySelector(`[name=size][value="${settings.size}"]`).checked = true;
    const isPlaced = settings.place !== null; // elsewhere than at one of the positions
    for (const radio of this.#group.querySelectorAll("[name=position]")) radio.checked = !isPlaced && radio.value === settings.position;
    this.#own.hidden = settings.size !== "custom";
    this.#detail.hidden = settings.size === "original";
    this.#fill.value = settings.fill;
    [this.#sides[0].value, this.#sides[1].value] = [settings.canvasWidth, settings.canvasHeight];
    document.querySelector("#cropping").hidden = settings.size !== "original"; // a canvas takes the subject's box
    this.#note.textContent = settings.size === "original" ? "" : wordsOf(settings, layout);
  }

  #take({ name, value, id }) {
    if (name === "size") this.#onChange({ size: value, place: null, ...SIZES[value].settings });
    else if (name === "position") this.#onChange({ position: value, place: null });
    else if (id === "fill") this.#onChange({ fill: Number(value) });
    else this.#onChange({ canvasWidth: pixels(this.#sides[0]), canvasHeight: pixels(this.#sides[1]) });
  }
}

function wordsOf({ size }, layout) {
  if (!layout) return "";
  const { canvas, factor } = layout;
  const words = [tr("{size} pixels.", { size: `${canvas.width} × ${canvas.height}` })];
  if (size === "passport") {
    words.push(tr("Passports want 32 to 36 mm from chin to crown: with Place, put the chin on the lower line and the crown between the upper two."));
  }
  const times = number(factor, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  if (factor > NOTICED) words.push(tr("The subject is enlarged {times} times, so it gets soft.", { times }));
  return words.join(" ");
}

function sizes() {
  const made = element("div", { className: "choice sizes" });
  for (const [name, label] of Object.entries(SIZE_NAMES)) {
    const radio = element("input", { type: "radio", name: "size", value: name });
    const title = SIZE_HINTS[name] ?? "";
    made.append(element("label", { title }, radio, element("span", { textContent: label })));
  }
  return made;
}

function positions() {
  const made = element("fieldset", { className: "positions" });
  made.append(element("legend", { className: "unseen", textContent: msg("Position of the subject") }));
  for (const name of Object.keys(POSITIONS)) {
    const radio = element("input", { type: "radio", name: "position", value: name, ariaLabel: POSITION_NAMES[name] });
    made.append(element("label", { title: POSITION_NAMES[name] }, radio, element("span", {})));
  }
  return made;
}

function side(id, label) {
  return element("input", { id, type: "number", min: 1, max: LONGEST_SIDE, step: 1, ariaLabel: label });
}

/** What is written in a field as a number of pixels within its bounds. */
function pixels({ value, min, max }) {
  return Math.min(Math.max(Math.round(Number(value)) || Number(min), Number(min)), Number(max));
}
