/** The settings of a video: the kind of result, the part, steady edges, sound. */

import { element, keys } from "../form/element.js";
import { msg, tr } from "../messages/language.js";
import { ClipBackground } from "./background.js";
import { ANIMATIONS } from "./clip.js";

const KINDS = {
  webm: msg("Transparent"),
  mp4: msg("On a background"),
  webp: "WebP",
  gif: "GIF",
};
const HINTS = {
  webm: msg("A WebM video with a transparent background, for browsers and editors."),
  mp4: msg("An MP4 video that plays everywhere."),
  webp: msg("A moving picture of 480 pixels at most, without sound."),
  gif: msg("A moving picture of 480 pixels at most, with hard edges and without sound."),
};
let count = 0; // of the forms made, so that the radio buttons of each are its own

/** Builds the controls of a `Clip`, as `element`, and shows what is chosen for it. */
export class Choices {
  element = element("div", { className: "clip-choices" });
  #clip;
  #kinds = keys(`video-kind-${++count}`, KINDS, "video-kinds");
  #hint = element("p", { className: "note" });
  #background;
  #steady = element("input", { type: "checkbox", role: "switch" });
  #sound = element("input", { type: "checkbox", role: "switch" });
  #from = seconds();
  #to = seconds();

  constructor(clip) {
    this.#clip = clip;
    this.#kinds.setAttribute("role", "group");
    this.#kinds.ariaLabel = msg("What to make of the video");
    this.#background = new ClipBackground((part) => clip.choose(part));
    const part = element("div", { className: "row clip-part" }, timed(msg("From"), this.#from), timed(msg("To"), this.#to));
    part.append(element("span", { className: "note", textContent: msg("seconds") }));
    this.element.append(this.#kinds, this.#hint, this.#background.element);
    this.element.append(switched(msg("Steady edges"), this.#steady), switched(msg("Keep the sound"), this.#sound), part);
    this.element.addEventListener("change", ({ target }) => this.#take(target));
  }

  /** Shows what is chosen. */
  show() {
    const { kind, steady, sound, from, to } = this.#clip.choices;
    this.#kinds.querySelector(`[value=${kind}]`).checked = true;
    this.#hint.textContent = tr(HINTS[kind]);
    this.#background.element.hidden = kind !== "mp4";
    this.#background.show(this.#clip.choices);
    this.#steady.checked = steady;
    this.#sound.checked = sound;
    this.#sound.parentElement.hidden = ANIMATIONS.includes(kind);
    this.#from.value = from;
    this.#to.value = to;
  }

  /** Whether the part that is chosen is one, and a picture is chosen that is to be behind; what is wrong gets the focus. */
  get isValid() {
    const { kind, background, picture } = this.#clip.choices;
    if (kind === "mp4" && background === "picture" && !picture) {
      this.#background.focusPicture();
      return false;
    }
    const wrong = [this.#from, this.#to].find((field) => !field.checkValidity()) ?? (this.#isBackward ? this.#to : null);
    for (const field of [this.#from, this.#to]) field.toggleAttribute("aria-invalid", false);
    wrong?.setAttribute("aria-invalid", "true");
    wrong?.focus();
    return !wrong;
  }

  get #isBackward() {
    return this.#to.value !== "" && Number(this.#to.value) <= Number(this.#from.value);
  }

  #take(target) {
    const { value, checked } = target;
    if (target.type === "radio") return this.#clip.choose({ kind: value });
    const names = new Map([
      [this.#steady, "steady"],
      [this.#sound, "sound"],
      [this.#from, "from"],
      [this.#to, "to"],
    ]);
    this.#clip.choose({ [names.get(target)]: target.type === "checkbox" ? checked : value });
  }
}

function seconds() {
  return element("input", { type: "number", min: 0, step: "any", inputMode: "decimal" });
}

function timed(label, input) {
  return element("label", {}, element("span", { textContent: label }), input);
}

function switched(label, input) {
  return element("label", { className: "switch" }, element("span", { textContent: label }), input);
}
