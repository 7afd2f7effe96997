/** The crosshair that arrow keys move over a picture, for use without a pointer. */

const STEP = 16; // pixels of the screen for an arrow key; one with shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const CLICKS = { Enter: "add", " ": "", Delete: "remove", Backspace: "remove" };

/**
 * Takes keys: `onAim(point)` after an arrow, `onClick(point, how)` for enter ("add"), space ("") and delete ("remove"),
 * `onCorner(point)` for B. Points are in pixels of the picture.
 */
export class Crosshair {
  point = null; // none before the first key
  #on;

  constructor(on) {
    this.#on = on;
  }

  /** Takes a key, with the frame it moves in and the scale of the screen; whether it is one of these. */
  key({ key, shiftKey }, frame, scale) {
    const name = key.length === 1 ? key.toLowerCase() : key;
    if (!(name in ARROWS || name in CLICKS || name === "b")) return false;
    this.point ??= { x: frame.x + frame.width / 2, y: frame.y + frame.height / 2 };
    if (name in ARROWS) this.#move(ARROWS[name], (shiftKey ? 1 : STEP) / scale, frame);
    else if (name === "b") this.#on.onCorner(this.point);
    else this.#on.onClick(this.point, CLICKS[name]);
    return true;
  }

  #move([right, down], step, frame) {
    const within = (value, start, length) => Math.min(Math.max(value, start), start + length);
    const x = within(this.point.x + right * step, frame.x, frame.width);
    const y = within(this.point.y + down * step, frame.y, frame.height);
    this.point = { x, y };
    this.#on.onAim(this.point);
  }
}
