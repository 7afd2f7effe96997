/** The line between before and after, moved by dragging or by keys. */

import { percent, tr } from "../messages/language.js";

const STEP = 0.02; // of the picture, for one arrow key
const FAR = 0.1; // for page up and down, or an arrow with shift

/** Lets an element of the role "slider" move the split of a view; `place` puts it where the view says. */
export class Divider {
  #element;
  #view;

  constructor(element, view) {
    this.#element = element;
    this.#view = view;
    element.addEventListener("pointerdown", (event) => {
      element.setPointerCapture(event.pointerId);
      element.focus({ preventScroll: true });
      event.preventDefault();
    });
    element.addEventListener("pointermove", (event) => {
      if (!element.hasPointerCapture(event.pointerId)) return;
      view.splitAt(event.clientX - element.parentElement.getBoundingClientRect().left);
    });
    element.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Puts the element on the split, or hides it. */
  place(isShown) {
    this.#element.hidden = !isShown;
    if (!isShown) return;
    const { split } = this.#view;
    const words = tr("{before} before, {after} after", { before: percent(split), after: percent(1 - split) });
    this.#element.style.left = `${this.#view.splitX}px`;
    this.#element.setAttribute("aria-valuenow", String(Math.round(split * 100)));
    this.#element.setAttribute("aria-valuetext", words);
  }

  #key(event) {
    const far = event.shiftKey ? FAR : STEP;
    const steps = { ArrowLeft: -far, ArrowDown: -far, ArrowRight: far, ArrowUp: far, PageDown: -FAR, PageUp: FAR };
    steps.Home = -1;
    steps.End = 1;
    if (!(event.key in steps)) return;
    event.preventDefault();
    this.#view.split = Math.min(Math.max(this.#view.split + steps[event.key], 0), 1);
    this.#view.draw();
  }
}
