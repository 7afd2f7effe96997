/** The form's section for choosing a scene as background. */

import { SCENES, SMALL_COPIES } from "../files/scenes.js";
import { msg } from "../messages/language.js";
import { element } from "./element.js";

/** Builds its controls and shows which scene is chosen; `onChange(name)` gets another. */
export class SceneTools {
  element = element("div", { className: "detail backdrops", role: "group", ariaLabel: msg("Scenes") });
  #buttons = new Map(); // name -> its button

  constructor(onChange) {
    for (const [name, label] of Object.entries(SCENES)) {
      const button = element("button", { type: "button", className: "backdrop", ariaLabel: label, title: label });
      button.addEventListener("click", () => onChange(name));
      this.#buttons.set(name, button);
    }
    this.element.append(...this.#buttons.values());
  }

  /** Shows the scene of this name as the chosen one. */
  show(chosen) {
    const last = this.#buttons.size - 1;
    for (const [index, [name, button]] of [...this.#buttons].entries()) {
      button.style.background = `url("${SMALL_COPIES}") ${(100 * index) / last}% 0 / ${100 * (last + 1)}% 100%`;
      button.setAttribute("aria-pressed", String(name === chosen));
    }
  }
}
