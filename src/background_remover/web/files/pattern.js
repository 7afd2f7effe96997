/** The text field for the pattern of saved files' names. */

import { element } from "../form/element.js";
import { msg, tr, translate } from "../messages/language.js";
import { PATTERN, faultOf, nameOf } from "./naming.js";

/** Puts the field into a part of the form; `value` is the last pattern without a fault. */
export class PatternField {
  value = PATTERN;
  #input = element("input", { id: "pattern", type: "text", autocomplete: "off", spellcheck: false, value: PATTERN });
  #note = element("p", { id: "pattern-note", className: "note" });
  #example = { name: "photo.jpg", index: 0, count: 1 };
  #format = "png";

  constructor(place) {
    const label = element("label", { htmlFor: "pattern", textContent: msg("Name of files") });
    const field = element("div", { className: "pattern" }, label, this.#input, this.#note);
    this.#input.setAttribute("aria-describedby", "pattern-note");
    translate(field);
    place.append(field);
    this.#input.addEventListener("input", () => this.#take());
    this.#input.addEventListener("change", () => this.#input.value.trim() || this.#reset());
  }

  /** Shows what the name of this picture's file will be. */
  show(picture, collection, format) {
    this.#example = { name: picture.name, index: collection.all.indexOf(picture), count: collection.all.length };
    this.#format = format;
    this.#describe();
  }

  #reset() {
    this.#input.value = PATTERN;
    this.#take();
  }

  #take() {
    if (!faultOf(this.#input.value)) this.value = this.#input.value;
    this.#describe();
  }

  #describe() {
    const fault = faultOf(this.#input.value);
    this.#input.setAttribute("aria-invalid", String(Boolean(fault)));
    const example = nameOf(this.value, this.#format, this.#example);
    const words = fault || tr("{example} ({name} and {number} are filled in)", { example });
    if (this.#note.textContent !== words) this.#note.textContent = words;
    this.#note.classList.toggle("wrong", Boolean(fault));
  }
}
