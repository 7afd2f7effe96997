/** The form's section for the number of separate subjects to keep. */

import { msg, translate } from "../messages/language.js";
import { element } from "./element.js";

const KEYS = [
  ["all", msg("All"), msg("All that are found")],
  ["largest", msg("Largest"), msg("The largest subject alone")],
  ["2", "2", msg("The two largest subjects")],
  ["3", "3", msg("The three largest subjects")],
]; // the server's values, what is shown, and what that means

/** Radio buttons that look like a row of keys; `onChange(subjects)` gets the server's value. */
export class SubjectKeys {
  element = element("fieldset", { className: "group" }, element("legend", { textContent: msg("Subjects") }));
  #radios = new Map();

  constructor(onChange) {
    this.element.dataset.part = "ground";
    const row = element("div", { className: "choice subjects" });
    for (const [value, label, title] of KEYS) {
      const radio = element("input", { type: "radio", name: "subjects", value });
      radio.addEventListener("change", () => onChange(value));
      this.#radios.set(value, radio);
      row.append(element("label", { title }, radio, element("span", { textContent: label })));
    }
    this.element.append(row);
    translate(this.element);
  }

  /** Shows which value is chosen. */
  show(subjects) {
    this.#radios.get(subjects).checked = true;
  }
}
