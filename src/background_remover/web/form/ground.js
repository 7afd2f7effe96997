/** The form's section for a plain ground: keying by its colour, or a colour to remove. */

import { msg, tr } from "../messages/language.js";
import { isChosen, onGround, withoutColour, withSubjects } from "../picture/choice.js";
import { SubjectKeys } from "./subjects.js";

const one = (selector) => document.querySelector(selector);
const NO_SHADOW = {
  painted: msg("A picture that was painted on or chosen from keeps no shadow."),
  photo: msg("This ground isn't plain: it has no shadow to keep."),
};

/** Shows a choice and lets it be changed: `onChoice(choice, label)` gets another, `onWand(isOn)` turns the wand on or off. */
export class GroundPanel {
  #picture = null;
  #isOpen = false; // whether a colour is to be removed, which may not have been picked yet
  #removed = ""; // the colour that was shown last
  #subjects = new SubjectKeys((subjects) => this.#choose(withSubjects(this.#choice, subjects), msg("subjects")));
  #onChoice;
  #onWand;

  constructor({ onChoice, onWand }) {
    this.#onChoice = onChoice;
    this.#onWand = onWand;
    one("[name=ground]").closest(".group").before(this.#subjects.element);
    for (const radio of document.querySelectorAll("[name=ground]")) {
      radio.addEventListener("change", () => this.#choose(onGround(this.#choice, radio.value), msg("ground")));
    }
    one("#keep-shadow").addEventListener("change", (event) => {
      this.#choose({ ...this.#choice, keepShadow: event.target.checked }, msg("the picture's shadow"));
    });
    one("#remove-colour").addEventListener("change", (event) => this.#open(event.target.checked));
    one("#wand").addEventListener("click", (event) => onWand(event.currentTarget.getAttribute("aria-pressed") !== "true"));
    one("#removed-colour").addEventListener("change", (event) => this.#remove(event.target.value));
    one("#tolerance").addEventListener("change", (event) => {
      this.#choose({ ...this.#choice, tolerance: Number(event.target.value) }, msg("tolerance"));
    });
  }

  /** Shows what is chosen of a picture, and whether the wand is on. */
  show(picture, isWand) {
    const before = picture === this.#picture ? this.#removed : "";
    if (picture !== this.#picture) this.#isOpen = false;
    this.#picture = picture;
    if (!picture) return;
    const { subjects, ground, keepShadow, removeColour, tolerance } = this.#choice;
    if (removeColour || before) this.#isOpen = Boolean(removeColour);
    this.#removed = removeColour;
    this.#subjects.show(subjects);
    one(`[name=ground][value=${ground}]`).checked = true;
    one("#keep-shadow").checked = keepShadow;
    one("#keep-shadow").disabled = ground === "photo";
    one("#remove-colour").checked = this.#isOpen;
    one("#removed-colour").value = removeColour || "#ffffff";
    one("#tolerance").value = tolerance;
    one("#tolerance").disabled = !removeColour;
    one("#wand").setAttribute("aria-pressed", String(isWand));
    one("#colour-detail").hidden = !this.#isOpen;
    this.#showNote(keepShadow);
  }

  #showNote(keepShadow) {
    const { version, cut, edits } = this.#picture;
    const reason = version || isChosen(edits.choice) ? "painted" : cut?.ground;
    const note = one("#shadow-note");
    note.hidden = !keepShadow || edits.finding || !(reason in NO_SHADOW);
    note.textContent = reason in NO_SHADOW ? tr(NO_SHADOW[reason]) : "";
  }

  get #choice() {
    return this.#picture.edits.choice;
  }

  #open(isOpen) {
    this.#isOpen = isOpen;
    this.#onWand(isOpen);
    if (!isOpen && this.#choice.removeColour) this.#remove("");
  }

  #remove(colour) {
    this.#choose(withoutColour(this.#choice, colour), colour ? msg("colour removed") : msg("colour kept"));
  }

  #choose(choice, label) {
    this.#onChoice(Object.freeze(choice), label);
  }
}
