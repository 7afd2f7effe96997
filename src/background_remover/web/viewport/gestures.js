/** Pointer, wheel and keyboard events over the picture: zoom, pan, paint and pick. */

import { BRUSHES } from "../drawing/stroke.js";
import { tr } from "../messages/language.js";

const STEP = 40; // pixels that an arrow key moves the picture
const CLOSER = 1.25;

/**
 * Lets somebody move and paint in a viewport. `tools` says what a pointer does: `{ mode(), radius(), resize(factor) }`,
 * where the mode is "compare", "place", "choose", "keep", "erase", "wand" or "pick" and the radius is in pixels of the screen;
 * `onStroke(stroke)` gets a finished one, `say(text)` tells those who don't see. `hand()` is what takes presses, drags and
 * keys in place of all that, a `Chooser` or a `Placer`, or null.
 */
export class Gestures {
  #viewport;
  #view;
  #tools;
  #pointers = new Map(); // id -> { x, y }
  #pen = null; // the brush of the arrow keys, in pixels of the picture
  #isSpace = false;

  constructor(viewport, view, tools) {
    this.#viewport = viewport;
    this.#view = view;
    this.#tools = tools;
    viewport.addEventListener("pointerdown", (event) => this.#down(event));
    viewport.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) viewport.addEventListener(name, (event) => this.#up(event, name));
    viewport.addEventListener("pointerleave", () => this.#hover(null));
    viewport.addEventListener("contextmenu", (event) => this.#hand && event.preventDefault()); // of a long press
    viewport.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    viewport.addEventListener("dblclick", () => tools.mode() === "compare" && view.fit());
    viewport.addEventListener("keydown", (event) => this.#key(event));
    viewport.addEventListener("blur", () => this.#dropPen());
  }

  /** Forgets the brush of the arrow keys, as when another tool is chosen. */
  reset() {
    this.#dropPen();
    this.#view.brush = null;
    this.#view.draw();
  }

  get #isPainting() {
    return BRUSHES.includes(this.#tools.mode()) && this.#view.picture?.cutout;
  }

  get #hand() {
    return this.#view.picture?.cutout ? this.#tools.hand() : null;
  }

  get #radius() {
    return this.#tools.radius() / this.#view.scale;
  }

  #place(event) {
    const box = this.#viewport.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  #down(event) {
    if (!this.#view.picture?.original || event.button > 1) return;
    this.#viewport.setPointerCapture(event.pointerId);
    const place = this.#place(event);
    this.#pointers.set(event.pointerId, place);
    if (this.#pointers.size > 1 || event.button === 1) this.#letGo(); // two fingers move, they don't paint
    else if (this.#hand) this.#hand.press(event, place);
    else if (this.#isPainting) this.#begin(this.#view.toPicture(place.x, place.y));
    this.#view.draw();
  }

  #move(event) {
    const place = this.#place(event);
    const before = this.#pointers.get(event.pointerId);
    if (!before) return this.#hover(place, event);
    if (this.#pointers.size === 2) this.#pinch(event, before, place);
    else if (this.#view.stroke) {
      for (const one of event.getCoalescedEvents?.() ?? []) this.#extend(this.#place(one));
      this.#extend(place);
    } else if (this.#pointers.size === 1 && !this.#hand?.drag(place, event)) {
      const isSwipe = event.pointerType === "touch" && this.#view.isFitted; // which scrolls the page
      if (!isSwipe) this.#view.pan(place.x - before.x, place.y - before.y);
    }
    this.#pointers.set(event.pointerId, place);
    this.#hover(place, event);
  }

  #up(event, name) {
    if (!this.#pointers.delete(event.pointerId)) return;
    if (name === "pointercancel") this.#letGo();
    this.#hand?.release(this.#place(event));
    this.#end();
    if (event.pointerType === "touch") this.#hover(null);
  }

  /** Gives up what a pointer has begun. */
  #letGo() {
    this.#view.stroke = null;
    this.#hand?.cancel();
  }

  #pinch(event, before, place) {
    const [other] = [...this.#pointers].filter(([one]) => one !== event.pointerId).map(([, at]) => at);
    if (this.#hand?.pinch) return this.#hand.pinch([other, before], [other, place], event);
    const far = (at) => Math.max(Math.hypot(at.x - other.x, at.y - other.y), 1);
    this.#view.zoom(far(place) / far(before), (place.x + other.x) / 2, (place.y + other.y) / 2);
    return this.#view.pan((place.x - before.x) / 2, (place.y - before.y) / 2);
  }

  #wheel(event) {
    if (!this.#view.picture?.original) return;
    event.preventDefault();
    const { x, y } = this.#place(event);
    const pixels = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
    this.#view.zoom(Math.exp(-Math.min(Math.max(pixels, -200), 200) / 400), x, y);
    this.#hover({ x, y }, event);
  }

  #hover(place, event) {
    if (this.#pen) return;
    if (event?.pointerType !== "touch") this.#hand?.aim(place, event);
    const { x, y } = place && this.#isPainting ? this.#view.toPicture(place.x, place.y) : {};
    this.#view.brush = place && this.#isPainting ? { mode: this.#tools.mode(), radius: this.#radius, x, y } : null;
    this.#view.draw();
  }

  #begin(point) {
    this.#view.stroke = { mode: this.#tools.mode(), radius: this.#radius, points: [point] };
  }

  #extend(place) {
    this.#view.stroke.points.push(this.#view.toPicture(place.x, place.y));
  }

  #end() {
    const { stroke } = this.#view;
    this.#view.stroke = null;
    if (stroke) this.#tools.onStroke(stroke);
    this.#view.draw();
  }

  #key(event) {
    const isTyped = event.getModifierState("AltGraph") || (event.altKey && "[]{}".includes(event.key)); // as brackets often are
    if (!this.#view.picture?.original || ((event.ctrlKey || event.metaKey || event.altKey) && !isTyped)) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const arrow = arrows[event.key];
    if (this.#hand?.key(event)) return event.preventDefault();
    if (arrow && this.#isPainting) this.#movePen(...arrow, event.shiftKey);
    else if (arrow) this.#view.pan(-arrow[0] * STEP, -arrow[1] * STEP);
    else if (event.key === "+" || event.key === "=") this.#view.zoom(CLOSER);
    else if (event.key === "-") this.#view.zoom(1 / CLOSER);
    else if (event.key === "0") this.#view.fit();
    else if (event.key === "[" || event.key === "]") this.#resizePen(event.key === "]" ? CLOSER : 1 / CLOSER);
    else if (event.key === " " && this.#isPainting) this.#togglePen();
    else if (event.key === "Escape" && this.#isSpace) this.#dropPen();
    else return;
    event.preventDefault();
  }

  #movePen(right, down, isFine) {
    const { frame } = this.#view.picture;
    this.#pen ??= { x: frame.x + frame.width / 2, y: frame.y + frame.height / 2 };
    const step = isFine ? 1 / this.#view.scale : this.#radius / 2;
    this.#pen.x = Math.min(Math.max(this.#pen.x + right * step, frame.x), frame.x + frame.width);
    this.#pen.y = Math.min(Math.max(this.#pen.y + down * step, frame.y), frame.y + frame.height);
    if (this.#isSpace) this.#view.stroke.points.push({ ...this.#pen });
    this.#showPen();
  }

  #togglePen() {
    const { frame } = this.#view.picture;
    this.#pen ??= { x: frame.x + frame.width / 2, y: frame.y + frame.height / 2 };
    this.#isSpace = !this.#isSpace;
    if (this.#isSpace) this.#begin({ ...this.#pen });
    else this.#end();
    this.#tools.say(this.#isSpace ? tr("The brush is down: arrow keys paint, space ends the stroke") : tr("The brush is up"));
    this.#showPen();
  }

  #resizePen(factor) {
    this.#tools.resize(factor);
    if (this.#view.brush) this.#view.brush.radius = this.#radius;
    this.#view.draw();
  }

  #showPen() {
    this.#view.brush = { mode: this.#tools.mode(), radius: this.#radius, ...this.#pen };
    this.#view.draw();
  }

  #dropPen() {
    if (this.#isSpace) this.#view.stroke = null;
    this.#isSpace = false;
    this.#pen = null;
    this.#view.draw();
  }
}
