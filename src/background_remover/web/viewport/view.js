/** The view of a picture on the screen: before and after, with zoom and position. */

import { canvas } from "../drawing/canvas.js";
import { drawBrush, drawMarks } from "./marks.js";
import { Staging } from "../drawing/staging.js";
import { draw as drawStroke } from "../drawing/stroke.js";

const EDGE = 24; // free pixels around the whole picture
const LARGEST_FIT = 4; // times its size: as far as small pictures are enlarged to fill the view
const CLOSEST = 32;
const CHEQUER = 12; // pixels
const GHOST = { paint: 0.3, choose: 0.6 }; // how much is seen of what was taken away, while somebody does that
const COLOURS = { keep: "rgb(40 170 110 / 0.55)", erase: "rgb(220 60 70 / 0.55)", refine: "rgb(70 120 240 / 0.5)" }; // of a stroke being painted
const RED = "rgb(230 30 60 / 0.6)"; // over what was taken away
const BLOCKS = 4; // times its size: from here on pixels are shown as squares

/** Draws on a canvas that fills its parent. `scale` is in CSS pixels for each pixel of the picture. */
export class View {
  scale = 1;
  x = 0; // of the frame's corner, in CSS pixels
  y = 0;
  split = 0.5; // of the frame: left of it is before
  brush = null; // { mode, radius, x, y } in pixels of the picture
  stroke = null; // being painted
  painting = false; // whether the whole is shown as cut out, with what was taken away as `removed` says
  removed = "ghost"; // while a brush paints: faint, "red", or "result" where nothing is seen of it
  peeking = false; // whether the original is shown instead
  marks = null; // of what is chosen, see `drawMarks`
  overlay = null; // draws over all of it, `overlay(context)` in CSS pixels; below it the whole is shown as it will be saved
  picture = null;
  onMove = () => {};
  #canvas;
  #staging = new Staging();
  #ratio = 1;
  #fitted = true;
  #asked = false;
  #chequer = null;
  #red = canvas(1, 1);

  constructor(element) {
    this.#canvas = element;
    new ResizeObserver(() => this.#resize()).observe(element.parentElement);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", () => ((this.#chequer = null), this.draw()));
  }

  get width() {
    return this.#canvas.width / this.#ratio;
  }

  get height() {
    return this.#canvas.height / this.#ratio;
  }

  /** Shows a picture, or none; the whole of it if it is another than before. */
  show(picture) {
    const another = picture !== this.picture;
    this.picture = picture;
    if (another || this.#fitted) this.fit();
    else this.draw();
  }

  /** Whether the whole frame is shown, which needs no moving. */
  get isFitted() {
    return this.#fitted;
  }

  /** Shows the whole frame. */
  fit() {
    this.#fitted = true;
    if (!this.picture?.original) return this.draw();
    const { width, height } = this.picture.frame;
    const [free, high] = [this.width - 2 * EDGE, this.height - 2 * EDGE];
    this.scale = Math.max(Math.min(free / width, high / height, LARGEST_FIT), 0.001);
    this.x = (this.width - width * this.scale) / 2;
    this.y = (this.height - height * this.scale) / 2;
    this.draw();
  }

  /** Zooms by a factor, with the point (x, y) of the view staying where it is. */
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const scale = Math.min(Math.max(this.scale * factor, 0.02), CLOSEST);
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.pan(0, 0);
  }

  /** Moves the picture, but never quite out of sight. */
  pan(right, down) {
    if (!this.picture?.original) return;
    const { width, height } = this.picture.frame;
    const keep = 48;
    this.#fitted = false;
    this.x = Math.min(Math.max(this.x + right, keep - width * this.scale), this.width - keep);
    this.y = Math.min(Math.max(this.y + down, keep - height * this.scale), this.height - keep);
    this.draw();
  }

  /** The pixel of the picture that is at (x, y) of the view. */
  toPicture(x, y) {
    const { frame } = this.picture;
    return { x: (x - this.x) / this.scale + frame.x, y: (y - this.y) / this.scale + frame.y };
  }

  /** Where in the view the line between before and after is: it never leaves it. */
  get splitX() {
    const wanted = this.x + this.split * this.picture.frame.width * this.scale;
    return Math.min(Math.max(wanted, 0), this.width);
  }

  /** Puts that line at x of the view. */
  splitAt(x) {
    const share = (x - this.x) / (this.picture.frame.width * this.scale);
    this.split = Math.min(Math.max(share, 0), 1);
    this.draw();
  }

  /** Draws before the screen is shown next. */
  draw() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#paint();
      this.onMove();
    });
  }

  #resize() {
    const { clientWidth, clientHeight } = this.#canvas.parentElement;
    this.#ratio = Math.min(devicePixelRatio || 1, 3);
    this.#canvas.width = Math.round(clientWidth * this.#ratio);
    this.#canvas.height = Math.round(clientHeight * this.#ratio);
    if (this.#fitted) this.fit();
    else this.draw();
  }

  #paint() {
    const context = this.#canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    const { picture } = this;
    if (!picture?.original) return;
    const { frame } = picture;
    const sharp = this.scale * this.#ratio;
    const [left, top] = [this.x * this.#ratio, this.y * this.#ratio];
    const [width, height] = [frame.width * sharp, frame.height * sharp];
    const split = (picture.cutout && !this.peeking ? (this.painting ? 0 : this.split) : 1) * width;
    context.imageSmoothingEnabled = this.scale < BLOCKS;
    context.imageSmoothingQuality = "high";
    const inside = (x, wide, paint) => {
      if (wide <= 0) return;
      context.save();
      context.beginPath();
      context.rect(left + x, top, wide, height);
      context.clip();
      this.#drawChequer(context, left, top, width, height);
      context.setTransform(sharp, 0, 0, sharp, left - frame.x * sharp, top - frame.y * sharp);
      paint();
      context.restore();
    };
    inside(0, split, () => this.#drawPart(context, "original"));
    inside(split, width - split, () => this.#drawAfter(context));
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    if (picture.cutout && !this.peeking) this.overlay?.(context);
  }

  #drawAfter(context) {
    const { picture } = this;
    const isSaved = !this.painting || this.overlay !== null; // and not as it lies in the photo
    const shown = isSaved ? "result" : this.marks ? "ghost" : this.removed;
    const drawCutout = () => this.#drawPart(context, "cutout");
    if (shown === "result") this.#staging.draw(context, picture, drawCutout, isSaved);
    else this.#drawBehind(context, shown);
    if (shown === "ghost") drawCutout();
    if (this.stroke) drawStroke(context, this.stroke, this.stroke.radius, COLOURS[this.stroke.mode]);
    if (this.painting && this.brush) drawBrush(context, this.brush, 1 / this.scale);
    if (this.marks) drawMarks(context, { ...this.marks, choice: picture.edits.choice }, picture.original, 1 / this.scale);
  }

  #drawBehind(context, shown) {
    if (shown === "ghost") context.globalAlpha = this.marks ? GHOST.choose : GHOST.paint;
    this.#drawPart(context, "original");
    context.globalAlpha = 1;
    if (shown === "red") this.#drawRed(context);
  }

  /** Draws red wherever the cutout isn't. */
  #drawRed(context) {
    const { width, height } = this.#canvas;
    Object.assign(this.#red, { width, height });
    const over = this.#red.getContext("2d");
    over.fillStyle = RED;
    over.fillRect(0, 0, width, height);
    over.globalCompositeOperation = "destination-out";
    over.imageSmoothingEnabled = context.imageSmoothingEnabled;
    over.setTransform(context.getTransform());
    this.#drawPart(over, "cutout");
    context.save();
    context.resetTransform();
    context.drawImage(this.#red, 0, 0);
    context.restore();
  }

  #drawPart(context, name) {
    const { width, height } = this.picture.original;
    const small = this.picture.cutout ? this.picture.small[name] : this.picture.original;
    const { a, b } = context.getTransform();
    const enough = Math.hypot(a, b) * width <= small.width * 1.2;
    context.drawImage(enough ? small : this.picture[name], 0, 0, width, height);
  }

  #drawChequer(context, left, top, width, height) {
    this.#chequer ??= chequer(this.#canvas, CHEQUER * this.#ratio);
    const pattern = context.createPattern(this.#chequer, "repeat");
    pattern.setTransform(new DOMMatrix().translate(left, top));
    context.fillStyle = pattern;
    context.fillRect(left, top, width, height);
  }
}

/** Four squares in the two colours that the style sheet gives. */
function chequer(element, side) {
  const style = getComputedStyle(element);
  const made = canvas(2 * side, 2 * side);
  const context = made.getContext("2d");
  context.fillStyle = style.getPropertyValue("--chequer-light");
  context.fillRect(0, 0, 2 * side, 2 * side);
  context.fillStyle = style.getPropertyValue("--chequer-dark");
  context.fillRect(0, 0, side, side);
  context.fillRect(side, side, side, side);
  return made;
}
