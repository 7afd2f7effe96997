/** The background of a video's result: a colour, a scene, or the user's own picture. */

import { element, keys } from "../form/element.js";
import { OwnPictures } from "../form/own-pictures.js";
import { SceneTools } from "../form/scenes.js";
import { msg } from "../messages/language.js";

const KINDS = { colour: msg("Colour"), scene: msg("Scene"), picture: msg("Picture") };
let count = 0; // of the forms made, so that the radio buttons of each are its own

/** Builds its controls, as `element`, and shows what is chosen; `onChange(part)` gets other choices of a `Clip`. */
export class ClipBackground {
  element = element("div", { className: "clip-background", role: "group", ariaLabel: msg("Background") });
  #kinds = keys(`video-background-${++count}`, KINDS, "video-backgrounds");
  #colour = element("input", { type: "color" });
  #details; // kind -> what is shown for it
  #pictures;
  #scenes;

  constructor(onChange) {
    this.#scenes = new SceneTools((scene) => onChange({ scene }));
    this.#pictures = new OwnPictures((picture) => onChange({ background: "picture", picture }));
    const colour = element("label", { className: "switch" }, element("span", { textContent: msg("Background colour") }), this.#colour);
    this.#details = { colour, scene: this.#scenes.element, picture: this.#pictures.element };
    this.element.append(this.#kinds, ...Object.values(this.#details));
    this.element.addEventListener("change", (event) => {
      event.stopPropagation(); // or they would be taken for choices of the video itself
      if (event.target === this.#colour) onChange({ colour: this.#colour.value });
      else if (event.target.type === "radio") onChange({ background: event.target.value });
    });
  }

  /** Shows the background among the choices of a `Clip`. */
  show({ background, colour, scene, picture }) {
    this.#kinds.querySelector(`[value=${background}]`).checked = true;
    for (const [kind, detail] of Object.entries(this.#details)) detail.hidden = kind !== background;
    this.#colour.value = colour;
    if (background === "scene") this.#scenes.show(scene); // whose small copies are loaded only now
    if (background === "picture") this.#pictures.recall();
    this.#pictures.show(picture);
  }

  /** Takes the focus to where a picture is chosen. */
  focusPicture() {
    this.#pictures.focus();
  }
}
