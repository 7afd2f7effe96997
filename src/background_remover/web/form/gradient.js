/** The form's gradient picker: presets, the colour of each end, and the direction. */

import { msg } from "../messages/language.js";
import { cssOf } from "../drawing/gradient.js";
import { element, keys, press, slide, swatches } from "./element.js";

const GRADIENTS = {
  [msg("Soft grey")]: { start: "#fafafa", end: "#c9ccd1", angle: 180 },
  [msg("Spotlight")]: { start: "#ffffff", end: "#b9bec8", angle: null },
  [msg("Dawn")]: { start: "#fde2cf", end: "#f3b7b7", angle: 160 },
  [msg("Sea")]: { start: "#d9f0f4", end: "#8fb8de", angle: 180 },
  [msg("Meadow")]: { start: "#f2f6d8", end: "#a9cfae", angle: 135 },
  [msg("Dusk")]: { start: "#4b4a7a", end: "#17182b", angle: 180 },
};
const DOWNWARDS = 180;

/**
 * Builds its controls and shows a gradient `{ start, end, angle }`, whose angle is null where it is radial; `onPreview(gradient)`
 * gets one while a slider moves, `onChange(gradient)` once it is chosen, and `onEnd()` is called when the other end is chosen.
 */
export class GradientTools {
  element = element("div", { className: "detail gradients" });
  end = "start"; // of the gradient, "start" or "end": the one that is being coloured
  #presets = element("div", { className: "swatches", role: "group", ariaLabel: msg("Gradients") });
  #angle = element("input", { id: "angle", type: "range", min: 0, max: 345, step: 15 });
  #radial = element("input", { id: "radial", type: "checkbox" });
  #gradient = null;

  constructor({ onPreview, onChange, onEnd }) {
    const presets = Object.entries(GRADIENTS).map(([label, gradient]) => ({ fill: cssOf(gradient), label, value: label }));
    this.#presets.append(...swatches(presets, (label) => onChange(GRADIENTS[label])));
    this.#radial.setAttribute("role", "switch");
    const ends = element("fieldset", {}, element("legend", { className: "unseen", textContent: msg("End of the gradient") }));
    ends.append(keys("gradient-end", { start: msg("Start"), end: msg("End") }, "two"));
    const radial = element("label", { className: "switch" }, element("span", { textContent: msg("From the middle") }), this.#radial);
    this.element.append(this.#presets, slide(msg("Direction"), this.#angle), radial, ends);
    const turned = () => ({ ...this.#gradient, angle: Number(this.#angle.value) });
    this.#angle.addEventListener("input", () => onPreview(turned()));
    this.#angle.addEventListener("change", () => onChange(turned()));
    this.#radial.addEventListener("change", () => {
      onChange({ ...this.#gradient, angle: this.#radial.checked ? null : DOWNWARDS });
    });
    ends.addEventListener("change", ({ target }) => {
      this.end = target.value;
      onEnd();
    });
  }

  /** Shows a gradient. */
  show(gradient) {
    this.#gradient = gradient;
    this.#angle.value = gradient.angle ?? DOWNWARDS;
    this.#angle.disabled = gradient.angle === null;
    this.#radial.checked = gradient.angle === null;
    const chosen = Object.entries(GRADIENTS).find(([, preset]) => cssOf(preset) === cssOf(gradient));
    press(this.#presets, chosen?.[0]);
    this.element.querySelector(`[value=${this.end}]`).checked = true;
  }
}
