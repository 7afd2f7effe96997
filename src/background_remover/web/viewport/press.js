/** A press of a pointer on the picture: a click, a long press, or a drag. */

const SLACK = 6; // pixels of the screen that a click may move
const LONG = 500; // milliseconds after which a finger's press is a long one

/**
 * Follows a press and calls `onClick(place, how)`, `onDrag(from, to)` while it is drawn and `onBox(from, to)` at
 * its end. Places are in pixels of the screen; `how` is "add" with shift or for a long press, "remove" with alt, else "".
 */
export class Press {
  #start = null; // { place, how }
  #isDrag = false;
  #timer = 0;
  #on;

  constructor(on) {
    this.#on = on;
  }

  get isHeld() {
    return this.#start !== null;
  }

  begin(event, place) {
    this.#start = { place, how: howOf(event) };
    this.#isDrag = false;
    if (event.pointerType === "touch") this.#timer = setTimeout(() => this.#finish(place, "add"), LONG);
  }

  move(place) {
    if (!this.isHeld) return;
    const far = Math.hypot(place.x - this.#start.place.x, place.y - this.#start.place.y);
    if (!this.#isDrag && far <= SLACK) return;
    clearTimeout(this.#timer);
    this.#isDrag = true;
    this.#on.onDrag(this.#start.place, place);
  }

  end(place) {
    if (!this.isHeld) return;
    const { place: from, how } = this.#start;
    if (!this.#isDrag) return this.#finish(from, how);
    this.cancel();
    this.#on.onBox(from, place);
  }

  /** Gives the press up, as where a second finger comes. */
  cancel() {
    clearTimeout(this.#timer);
    this.#start = null;
    this.#isDrag = false;
  }

  #finish(place, how) {
    this.cancel();
    this.#on.onClick(place, how);
  }
}

/** How a click with these keys held is meant. */
export function howOf({ shiftKey, altKey }) {
  if (altKey) return "remove";
  return shiftKey ? "add" : "";
}
