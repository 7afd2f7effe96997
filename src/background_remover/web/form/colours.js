/** The form's colour picker: a palette, a hexadecimal number, the picture's colours, and recent ones. */

import { msg, tr } from "../messages/language.js";
import { mainColours } from "../drawing/palette.js";
import { element, press, swatches } from "./element.js";
import { noteColour, recentColours } from "./recent.js";

const COLOURS = {
  [msg("White")]: "#ffffff",
  [msg("Light grey")]: "#ececec",
  [msg("Black")]: "#16181d",
  [msg("Peach")]: "#f6d8c9",
  [msg("Sage")]: "#cfe3d6",
  [msg("Sky")]: "#c9dcf5",
};
const FROM_PICTURE = 5; // colours at most
const HEX = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i;

/**
 * Builds its controls and shows a colour; `onPreview(colour)` gets one while somebody is choosing, `onChange(colour)` once it
 * is chosen. `onPick(take)` lets one be picked from the picture, for browsers that have no eyedropper of their own.
 */
export class ColourTools {
  element = element("div", { className: "detail colours" });
  #presets = element("div", { className: "swatches", role: "group", ariaLabel: msg("Colours") });
  #found = element("div", { className: "swatches", role: "group", ariaLabel: msg("Colours of the photo") });
  #recent = element("div", { className: "swatches", role: "group", ariaLabel: msg("Recent colours") });
  #own = element("input", { id: "colour", type: "color" });
  #hex = element("input", { id: "hex", type: "text", maxLength: 7, spellcheck: false, autocomplete: "off", ariaLabel: msg("Colour as #rrggbb") });
  #onChange;

  constructor({ onPreview, onChange, onPick }) {
    this.#onChange = (colour) => {
      noteColour(colour);
      onChange(colour);
    };
    const own = element("label", { className: "own-colour", title: msg("Another colour") }, this.#own);
    own.prepend(element("span", { className: "unseen", textContent: msg("Another colour") }));
    const presets = Object.entries(COLOURS).map(([label, value]) => ({ fill: value, label, value }));
    this.#presets.append(...swatches(presets, this.#onChange), own);
    const pick = element("button", { id: "pick", type: "button", className: "button small", textContent: msg("Pick") });
    pick.title = msg("Pick a colour from the screen");
    this.element.append(this.#presets, element("div", { className: "row" }, this.#hex, pick));
    this.element.append(captioned(msg("From the photo"), this.#found), captioned(msg("Recent"), this.#recent));
    this.#own.addEventListener("input", () => onPreview(this.#own.value));
    this.#own.addEventListener("change", () => this.#onChange(this.#own.value));
    this.#hex.addEventListener("change", () => this.#takeHex());
    pick.addEventListener("click", () => this.#pick(onPick));
  }

  /** Shows a colour, and those of a picture. */
  show(colour, picture) {
    if (document.activeElement !== this.#hex || this.#own.value !== colour) this.#hex.value = colour;
    this.#hex.removeAttribute("aria-invalid");
    this.#own.value = colour;
    const isPreset = press(this.#presets, colour);
    this.#own.parentElement.classList.toggle("chosen", !isPreset);
    const found = picture.original ? mainColours(picture.original, FROM_PICTURE) : [];
    this.#fill(this.#found, found, (value) => tr("{colour}, from the photo", { colour: value }), colour);
    this.#fill(this.#recent, recentColours(), (value) => tr("{colour}, chosen before", { colour: value }), colour);
  }

  #fill(group, colours, labelOf, chosen) {
    const choices = colours.map((value) => ({ fill: value, label: labelOf(value), value }));
    const shown = [...group.children].map((swatch) => swatch.ariaLabel);
    if (shown.join() !== choices.map(({ label }) => label).join()) group.replaceChildren(...swatches(choices, this.#onChange));
    group.parentElement.hidden = !colours.length;
    press(group, chosen);
  }

  #takeHex() {
    const digits = this.#hex.value.trim().match(HEX)?.[1].toLowerCase();
    if (!digits) return this.#hex.setAttribute("aria-invalid", "true");
    this.#onChange(`#${digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits}`);
  }

  async #pick(onPick) {
    if (!window.EyeDropper) return onPick(this.#onChange);
    const picked = await new EyeDropper().open().catch(() => null); // as where Escape was pressed
    if (picked) this.#onChange(picked.sRGBHex.toLowerCase());
  }
}

function captioned(text, group) {
  return element("div", {}, element("p", { className: "note", textContent: text, ariaHidden: "true" }), group);
}
