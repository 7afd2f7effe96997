/** Placing the subject: turns drags, pinches and keys into settings. */

import { number, percent, tr } from "../messages/language.js";
import { SIZES } from "../picture/layout.js";
import { cornersOf, limited, QUARTERS, snapped, snappedAngle } from "../picture/place.js";
import { drawGuides, drawHandles, drawHead, handleAt, handlesOf } from "./handles.js";

const REACH = { mouse: 12, touch: 24 }; // pixels of the screen around a handle
const SLACK = { middle: 7, edge: 4 }; // pixels of the screen within which the subject snaps
const STEPS = { move: [0.005, 0.05], turn: [1, 15] }; // of the frame's longer side, in degrees: for a key, and with shift
const LARGER = 1.05; // for a key
const EVERY = 15; // degrees to which a drag with shift turns
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const TURNS = { "[": [-1, 0], "]": [1, 0], "{": [-1, 1], "}": [1, 1] }; // the latter are [ and ] with shift
const CURSORS = { move: "move", scale: "nwse-resize", turn: "grab", "": "" };

/** Takes drags and keys in a view; `say(text)` tells those who don't see. */
export class Placer {
  #viewport;
  #view;
  #say;
  #drag = null; // { kind, from, free, before }: `free` is the place without snapping, `before` the settings at its begin
  #keyed = null; // the settings before keys that are still held
  #guides = [];

  constructor(viewport, view, say) {
    this.#viewport = viewport;
    this.#view = view;
    this.#say = say;
    viewport.addEventListener("keyup", () => this.#take());
    viewport.addEventListener("blur", () => this.#take());
  }

  /** Begins, or ends where `isOn` is false. */
  start(isOn) {
    this.#take();
    this.#drag = null;
    this.#guides = [];
    this.#viewport.style.cursor = "";
    this.#view.overlay = isOn ? (context) => this.#draw(context) : null;
    this.#view.draw();
  }

  /** Puts the subject back where it was before it was placed. */
  reset() {
    const { picture } = this.#view;
    picture.edits.set(Object.freeze({ ...picture.settings, place: null }));
  }

  /** The scale and the angle in words; "" where there is nothing to place. */
  get words() {
    const { scale, angle } = this.#view.picture?.placing?.place ?? {};
    return scale ? `${percent(scale)}, ${inDegrees(angle)}` : "";
  }

  press(event, place) {
    this.#take();
    const kind = handleAt(this.#handles, place, event.pointerType === "touch" ? REACH.touch : REACH.mouse);
    if (!kind) return;
    const { settings } = this.#view.picture;
    this.#drag = { kind, from: place, free: this.#layout.place, before: settings };
  }

  /** Whether a drag changes the place; where it doesn't, it may move the picture. */
  drag(place, event) {
    if (!this.#drag) return false;
    const { kind, from } = this.#drag;
    this.#drag.from = place;
    if (kind === "move") this.#move(place.x - from.x, place.y - from.y);
    else if (kind === "turn") this.#drag.free = turned(this.#drag.free, this.#angle(place) - this.#angle(from));
    else if (kind === "scale") this.#drag.free = scaled(this.#drag.free, this.#far(place) / this.#far(from));
    this.#preview(event);
    return true;
  }

  /** Moves, scales and turns by two fingers: `from` and `to` are where both were and are. */
  pinch(from, to, event) {
    this.#drag ??= { kind: "pinch", free: this.#layout.place, before: this.#view.picture.settings };
    this.#drag.free = turned(scaled(this.#drag.free, length(to) / length(from)), direction(to) - direction(from));
    this.#move((to[0].x + to[1].x - from[0].x - from[1].x) / 2, (to[0].y + to[1].y - from[0].y - from[1].y) / 2);
    this.#preview(event);
  }

  release() {
    const { before } = this.#drag ?? {};
    this.#drag = null;
    this.#guides = [];
    this.#keyed = before;
    this.#take();
  }

  /** Gives up a drag. */
  cancel() {
    const { before } = this.#drag ?? {};
    this.#drag = null;
    this.#guides = [];
    if (before) this.#view.picture.preview(before);
  }

  /** Shows by the cursor what a press at a place would take; null where the pointer has left. */
  aim(place) {
    if (this.#drag) return;
    this.#viewport.style.cursor = CURSORS[place ? handleAt(this.#handles, place, REACH.mouse) : ""];
  }

  /** Takes a key; whether it is one of those that place. */
  key({ key, shiftKey }) {
    const { place, frame } = this.#layout;
    if (key === "Escape" && this.#drag) this.cancel();
    else if (key in ARROWS) {
      const step = STEPS.move[Number(shiftKey)] * Math.max(frame.width, frame.height);
      const [right, down] = ARROWS[key];
      this.#step({ ...place, x: place.x + (right * step) / frame.width, y: place.y + (down * step) / frame.height });
    } else if (key in TURNS) this.#step(turned(place, TURNS[key][0] * STEPS.turn[TURNS[key][1]]));
    else if (key === "+" || key === "=") this.#step(scaled(place, LARGER));
    else if (key === "-") this.#step(scaled(place, 1 / LARGER));
    else return false;
    return true;
  }

  get #layout() {
    return this.#view.picture.placing;
  }

  get #handles() {
    const layout = this.#layout;
    return handlesOf(cornersOf(layout).map((corner) => this.#toView(corner)), layout.place.angle, this.#view);
  }

  #toView({ x, y }) {
    const { x: left, y: top, scale, picture } = this.#view;
    return { x: left + (x - picture.frame.x) * scale, y: top + (y - picture.frame.y) * scale };
  }

  #angle({ x, y }) {
    const { middle } = this.#handles;
    return degrees(y - middle.y, x - middle.x);
  }

  #far({ x, y }) {
    const { middle } = this.#handles;
    return Math.max(Math.hypot(x - middle.x, y - middle.y), 1);
  }

  #move(right, down) {
    const { frame } = this.#layout;
    const { scale } = this.#view;
    const { x, y } = this.#drag.free;
    this.#drag.free = { ...this.#drag.free, x: x + right / scale / frame.width, y: y + down / scale / frame.height };
  }

  /** Shows the place of a drag, snapped but with Alt. */
  #preview({ altKey = false, shiftKey = false }) {
    const layout = this.#layout;
    let place = limited(layout, this.#drag.free);
    if (!altKey && this.#drag.kind !== "scale") {
      const { step, slack } = shiftKey ? { step: EVERY, slack: EVERY } : QUARTERS;
      place = { ...place, angle: this.#drag.kind === "move" ? place.angle : snappedAngle(place.angle, step, slack) };
      const { scale } = this.#view;
      const found = snapped(layout, place, { middle: SLACK.middle / scale, edge: SLACK.edge / scale });
      this.#guides = this.#drag.kind === "turn" ? [] : found.guides;
      if (this.#drag.kind !== "turn") place = found.place;
    }
    this.#put(place);
  }

  /** Takes the step of a key, at once for the eye, and for the history when the key is released. */
  #step(place) {
    const { picture } = this.#view;
    this.#keyed ??= picture.settings;
    this.#put(limited(this.#layout, place));
    const { x, y, scale, angle } = picture.settings.place;
    const values = { right: percent(x), down: percent(y), size: percent(scale), angle: inDegrees(angle) };
    this.#say(tr("{right} right, {down} down, {size}, turned by {angle}", values));
  }

  #put(place) {
    const { picture } = this.#view;
    picture.preview(Object.freeze({ ...picture.settings, place: Object.freeze(place) }));
  }

  /** Notes what keys or a drag have changed as one step. */
  #take() {
    const before = this.#keyed;
    const { picture } = this.#view;
    this.#keyed = null;
    if (before && picture && before.place !== picture.settings.place) picture.edits.set(picture.settings, before);
  }

  #draw(context) {
    const { frame } = this.#layout;
    const at = (x, y) => this.#toView({ x: frame.x + x * frame.width, y: frame.y + y * frame.height });
    const lines = this.#guides.map(({ x, y }) => (x === undefined ? [at(0, y), at(1, y)] : [at(x, 0), at(x, 1)]));
    const { head } = SIZES[this.#view.picture.settings.size];
    const across = (y) => [at(0, y), at(1, y)];
    if (head) drawHead(context, { chin: across(head.chin), tallest: across(head.tallest), shortest: across(head.shortest) });
    drawGuides(context, lines);
    drawHandles(context, this.#handles);
  }
}

function inDegrees(angle) {
  return number(Math.round(angle), { style: "unit", unit: "degree", unitDisplay: "narrow" });
}

function turned(place, by) {
  return { ...place, angle: place.angle + by };
}

function scaled(place, factor) {
  return { ...place, scale: place.scale * factor };
}

function length([one, other]) {
  return Math.max(Math.hypot(other.x - one.x, other.y - one.y), 1);
}

function direction([one, other]) {
  return degrees(other.y - one.y, other.x - one.x);
}

function degrees(down, right) {
  return (Math.atan2(down, right) * 180) / Math.PI;
}
