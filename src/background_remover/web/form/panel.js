/** The form beside the picture: what is to be made of it. */

import { hasClear, decode, within } from "../drawing/canvas.js";
import { show as showNotice } from "../messages/notices.js";
import { isTransparent } from "../picture/settings.js";

const LARGEST_BACKGROUND = 2048; // longer side of what is drawn of it
const VALUES = {
  colour: "colour",
  blur: "blur",
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
    for (const radio of panel.querySelectorAll("[name=background]")) {
      radio.addEventListener("change", () => this.#chooseBackground(radio.value));
    }
    for (const swatch of panel.querySelectorAll("[data-colour]")) {
      swatch.style.setProperty("--swatch", swatch.dataset.colour);
      swatch.addEventListener("click", () => this.change({ colour: swatch.dataset.colour }));
    }
    for (const [id, name] of Object.entries(VALUES)) {
      const input = one(`#${id}`);
      const value = () => ({ [name]: input.type === "range" ? Number(input.value) : input.value });
      input.addEventListener("input", () => this.preview(value()));
      input.addEventListener("change", () => this.change(value()));
    }
    for (const name of ["shadow", "outline", "crop"]) {
      one(`#${name}`).addEventListener("change", (event) => this.change({ [name]: event.target.checked }));
    }
    for (const radio of panel.querySelectorAll("[name=shadow-kind]")) {
      radio.addEventListener("change", () => this.change({ shadowKind: radio.value }));
    }
    one("#choose-background").addEventListener("click", () => one("#background-file").click());
    one("#background-file").addEventListener("change", (event) => this.#takeBackground(event.target));
    for (const radio of panel.querySelectorAll("[name=format]")) radio.addEventListener("change", () => this.#details());
  }

  /** The format that is chosen: "png", "webp" or "jpg". */
  get format() {
    return one("[name=format]:checked").value;
  }

  /** Shows these settings. */
  show(settings) {
    this.#settings = settings;
    one(`[name=background][value=${settings.background}]`).checked = true;
    one(`[name=shadow-kind][value=${settings.shadowKind}]`).checked = true;
    for (const [id, name] of Object.entries(VALUES)) one(`#${id}`).value = settings[name];
    for (const name of ["shadow", "outline", "crop"]) one(`#${name}`).checked = settings[name];
    this.#details();
  }

  #details() {
    const { background, shadow, outline, crop, colour, picture } = this.#settings;
    const shown = { [background]: true, shadow, outline, crop };
    for (const detail of document.querySelectorAll("[data-for]")) detail.hidden = !shown[detail.dataset.for];
    for (const swatch of document.querySelectorAll("[data-colour]")) {
      swatch.setAttribute("aria-pressed", String(swatch.dataset.colour === colour));
    }
    const isOwn = ![...document.querySelectorAll("[data-colour]")].some((swatch) => swatch.dataset.colour === colour);
    one(".own-colour").classList.toggle("chosen", isOwn);
    one("#background-name").textContent = picture?.file.name ?? "";
    one("#format-note").hidden = this.format !== "jpg" || !isTransparent(this.#settings);
  }

  #chooseBackground(background) {
    this.change({ background });
    if (background === "picture" && !this.#settings.picture) one("#background-file").click();
  }

  async #takeBackground(input) {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    try {
      const { canvas } = await decode(file);
      if (hasClear(canvas)) {
        showNotice(`${file.name} has transparent parts. A background has to be opaque: choose another one.`, { isError: true });
        return;
      }
      this.change({ background: "picture", picture: { file, bitmap: within(canvas, LARGEST_BACKGROUND) } });
    } catch {
      showNotice(`${file.name} can't be read as a picture. Choose another background.`, { isError: true });
    }
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
