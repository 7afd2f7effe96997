/** The form beside the picture, with all settings of the result. */

import { isTransparent } from "../picture/settings.js";

const VALUES = {
  "shadow-opacity": "shadowOpacity",
  "shadow-blur": "shadowBlur",
  "shadow-right": "shadowRight",
  "shadow-down": "shadowDown",
  "outline-width": "outlineWidth",
  "outline-colour": "outlineColour",
  margin: "margin",
}; // the id of a slider or of a colour -> the setting
const one = (selector) => document.querySelector(selector);

/**
 * Shows settings and lets them be changed. While a slider moves `onPreview(settings)` is called, and
 * `onChange(settings, before)` once a choice is made.
 */
export class Panel {
  #settings;
  #before = null; // while a slider is pulled: what it began with
  #onPreview;
  #onChange;

  constructor({ onPreview, onChange }) {
    this.#onPreview = onPreview;
    this.#onChange = onChange;
    const panel = one("#panel");
    panel.addEventListener("submit", (event) => event.preventDefault());
    for (const [id, name] of Object.entries(VALUES)) {
      const input = one(`#${id}`);
      const value = () => ({ [name]: input.type === "range" ? Number(input.value) : input.value });
      input.addEventListener("input", () => this.preview(value()));
      input.addEventListener("change", () => this.change(value()));
    }
    for (const name of ["shadow", "outline"]) {
      one(`#${name}`).addEventListener("change", (event) => this.change({ [name]: event.target.checked }));
    }
    one("#crop").addEventListener("change", ({ target }) => this.change({ crop: target.checked, place: null })); // another canvas
    for (const radio of panel.querySelectorAll("[name=shadow-kind]")) {
      radio.addEventListener("change", () => this.change({ shadowKind: radio.value }));
    }
    for (const radio of panel.querySelectorAll("[name=format]")) radio.addEventListener("change", () => this.#details());
  }

  /** The format that is chosen: "png", "webp" or "jpg". */
  get format() {
    return one("[name=format]:checked").value;
  }

  /** Shows these settings. */
  show(settings) {
    this.#settings = settings;
    one(`[name=shadow-kind][value=${settings.shadowKind}]`).checked = true;
    for (const [id, name] of Object.entries(VALUES)) one(`#${id}`).value = settings[name];
    for (const name of ["shadow", "outline", "crop"]) one(`#${name}`).checked = settings[name];
    this.#details();
  }

  #details() {
    for (const detail of document.querySelectorAll("[data-for]")) detail.hidden = !this.#settings[detail.dataset.for];
    one("#format-note").hidden = this.format !== "jpg" || !isTransparent(this.#settings);
  }

  /** Shows a part of the settings as it is while a slider is pulled. */
  preview(part) {
    this.#before ??= this.#settings;
    this.#settings = Object.freeze({ ...this.#settings, ...part });
    this.#details();
    this.#onPreview(this.#settings);
  }

  /** Takes a part of the settings. */
  change(part) {
    const before = this.#before ?? this.#settings;
    this.#before = null;
    this.#settings = Object.freeze({ ...this.#settings, ...part });
    this.#details();
    this.#onChange(this.#settings, before);
  }
}
