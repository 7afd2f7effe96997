/** The form's slider for the quality of lossy formats, with the resulting file size. */

import { fileSize, msg, tr, translate } from "../messages/language.js";
import { facts } from "../service/facts.js";
import { element, slide } from "./element.js";

const DELAY = 1000; // milliseconds that nothing changes before the server is asked for the file
const LEAST = 10;
const BEST = 100;

/**
 * Builds its controls after `formats`, where a format is chosen: `format()` is the one that is. `onPreview(part)` gets settings
 * while the slider moves, `onChange(part)` once a quality is chosen.
 */
export class QualityPanel {
  #detail = element("div", { className: "detail quality", hidden: true });
  #slider = element("input", { id: "quality", type: "range", min: LEAST, max: BEST, step: 1 });
  #value = element("output", { htmlFor: "quality" });
  #note = element("p", { id: "file-size", className: "note" });
  #format;
  #qualities = {}; // format -> what it has by itself
  #picture = null;
  #shown = ""; // what of it the file on the way, or the last one, is
  #timer = 0;

  constructor(formats, { format, onPreview, onChange }) {
    this.#format = format;
    const labelled = slide(msg("Quality"), this.#slider);
    labelled.append(this.#value);
    this.#detail.append(labelled, this.#note);
    translate(this.#detail);
    formats.after(this.#detail);
    formats.addEventListener("change", () => this.show(this.#picture));
    this.#slider.addEventListener("input", () => onPreview({ quality: Number(this.#slider.value) }));
    this.#slider.addEventListener("change", () => onChange({ quality: Number(this.#slider.value) }));
    facts().then((known) => {
      this.#qualities = known?.quality ?? {};
      this.show(this.#picture);
    });
  }

  /** Shows a picture's quality in the format that is chosen, and asks for its size; nothing where the format has none. */
  show(picture) {
    if (picture !== this.#picture) this.#forget();
    this.#picture = picture;
    const own = this.#qualities[this.#format()];
    const isShown = Boolean(own) && picture?.phase === "done";
    this.#detail.hidden = !isShown;
    if (!isShown) return this.#forget();
    this.#slider.value = picture.settings.quality || own;
    this.#value.textContent = this.#slider.value;
    const wanted = JSON.stringify([this.#format(), picture.version, picture.accepted, picture.settings]);
    if (wanted === this.#shown) return;
    this.#forget();
    this.#shown = wanted;
    this.#timer = setTimeout(() => this.#ask(wanted), DELAY);
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#shown = this.#note.textContent = "";
  }

  async #ask(wanted) {
    this.#note.textContent = tr("The file is being made");
    const file = await this.#picture.result(this.#format()).catch(() => null); // saving it would say why not
    if (wanted === this.#shown) this.#note.textContent = file ? tr("The file has {size}.", { size: fileSize(file.size) }) : "";
  }
}
