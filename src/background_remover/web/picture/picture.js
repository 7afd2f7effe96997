/** `Picture`: one picture on the page, with its file, its cutout, and its edits. */

import { canvas, copy, decode, patch, within } from "../drawing/canvas.js";
import { cutoutOf, hold, letGo } from "./canvases.js";
import { UNCHOSEN, fields as choiceFields } from "./choice.js";
import { Edits } from "./edits.js";
import { frameOf, measured } from "./frame.js";
import { forgetOldest } from "./history.js";
import { hasLayout, layoutOf } from "./layout.js";
import { read, readByServer } from "./original.js";
import { Results } from "../service/result.js";
import { Progress } from "./progress.js";
import { remove } from "../service/service.js";
import { nextMask } from "./strokes.js";

const PREVIEW = 1600; // longer side of what is drawn while the whole picture is shown
const THUMB = 320; // longer side of what stays of pictures that aren't shown

/** A picture in the list. */
export class Picture extends Progress {
  wish = {}; // what the next cut is asked to allow
  cut = null; // the server's first answer, { blob, confidence, isUnsure }
  original = null; // canvases, upright and of one size, there while the picture is shown; the cutout also if it was painted on
  cutout = null;
  packed = null; // { version, file } of a cutout that was painted on, while it has no canvas
  isShown = false;
  size = null; // the picture's own { width, height }, where the canvases are smaller
  thumb = null; // small canvases { original, cutout } that stay, the cutout once there is one
  accepted = UNCHOSEN; // the choice that the cut is of
  edits = new Edits(this);
  version = 0; // of the mask; 0 is the network's own
  #life = new AbortController(); // of everything that is asked for it
  #allowEmpty = false;
  #uses = 0; // of its canvases by results that are being made
  #results = new Results();
  #small = null;
  #measured = null; // of the cutout: { box, width, height }
  #isTransparent = false;
  #isNeeded = false; // the original, to save what is painted, or as it is hard to get again

  constructor(file, settings) {
    super();
    Object.assign(this, { file, name: file.name || "picture.png", settings });
  }

  /** Whether somebody should look at it: the server was unsure, and nothing has been painted since. */
  get isUnsure() {
    return Boolean(this.cut?.isUnsure) && !this.version;
  }

  /** Whether its cutout was painted on and has no canvas now. */
  get isPacked() {
    return this.version > 0 && !this.cutout && this.packed?.version === this.version;
  }

  get longer() {
    return Math.max(this.size.width, this.size.height);
  }

  /** Lets the server cut it out; ends in the phase "done", "empty" or "failed". */
  async cutOut({ allowEmpty = this.#allowEmpty } = {}) {
    this.#allowEmpty = allowEmpty;
    this.failure = null;
    this.enter("sending");
    try {
      const original = this.original ?? (await this.#read().catch(() => null));
      if (this.isShown) this.original = original;
      this.changed();
      this.cut = await this.ask({ fields: { format: "png", ...choiceFields(this.accepted) } }, true);
      const { canvas: cutout, size } = await decode(this.cut.blob);
      this.size = size;
      this.#reduce("cutout", cutout);
      if (this.isShown) await this.open(cutout);
      this.enter("done");
    } catch (error) {
      if (error.name === "AbortError") return;
      this.failure = error.kind ? error : { kind: "refused", message: "" };
      this.enter(this.failure.kind === "empty" ? "empty" : "failed");
    }
  }

  /** Goes on with what was kept of it: `cutout` is a canvas where it was painted on, else null. */
  async resume({ accepted, cut, cutout, size }) {
    Object.assign(this, { accepted, cut, size });
    this.edits.choice = accepted;
    this.#allowEmpty = Boolean(this.wish.allowEmpty);
    const original = await this.#read().catch(() => null);
    if (cutout) Object.assign(this, { original: this.#isNeeded ? original : null, cutout, version: nextMask() });
    this.#reduce("cutout", cutout ?? (await decode(cut.blob)).canvas);
    this.enter("done");
    this.#rest();
  }

  /** Stops whatever is on its way, for good: nothing can be undone any more. */
  stop() {
    this.#life.abort();
    this.edits.stop();
    letGo(this);
  }

  /** Makes the canvases that are shown; `cutout` is that of the first answer, where it is known. */
  async open(cutout = null) {
    this.isShown = true;
    letGo(this);
    this.original ??= await this.#read().catch(() => this.#readByServer().catch(() => null));
    if (!this.cutout && !this.isPacked && !this.cut?.blob) return;
    const made = this.isPacked ? await cutoutOf(this) : (this.cutout ?? cutout ?? (await decode(this.cut.blob)).canvas);
    this.original ??= made; // nobody can show it as it was
    if (this.original.width !== made.width) this.original = copy(this.original, made.width, made.height);
    this.cutout ??= made;
  }

  /** Lets the canvases go that can be made again. */
  close() {
    this.isShown = false;
    this.#rest();
  }

  #rest() {
    if (this.isShown || this.#uses || this.edits.isUnsettled || (this.version && this.#isNeeded)) return;
    this.original = this.#small = null;
    if (!this.version) this.cutout = null;
    hold(this);
    forgetOldest();
  }

  /** Begins with nothing cut out, for the subject to be painted; false where the browser can't show the picture. */
  async startEmpty() {
    await this.open().catch(() => {});
    if (!this.original) return false;
    this.cutout = canvas(this.original.width, this.original.height);
    this.cut = { blob: null, confidence: null, isUnsure: false };
    this.version = nextMask();
    this.enter("done");
    return true;
  }

  /** Original and cutout at a size that is quickly drawn. */
  get small() {
    this.#small ??= { original: within(this.original, PREVIEW), cutout: within(this.cutout, PREVIEW) };
    return this.#small;
  }

  /** How it lies on a canvas of another size, see `layoutOf`; null where it keeps its own, or nothing is cut out. */
  get layout() {
    return hasLayout(this.settings) ? this.placing : null;
  }

  /** How it lies where its subject may be placed, see `layoutOf`; null where nothing is cut out. */
  get placing() {
    if (!(this.cutout || this.#measured)) return null;
    return layoutOf(this, (this.#measured ??= measured(this.cutout)));
  }

  /** What is shown of it, `{ x, y, width, height }`: all, the subject's box with its margin as the server crops, or a canvas. */
  get frame() {
    return this.layout?.frame ?? frameOf(this.settings.crop && this.cutout ? this.box : null, this.settings, this.original);
  }

  /** The box around what can be seen of the cutout. */
  get box() {
    return (this.#measured ??= measured(this.cutout)).box;
  }

  /** The original where it is transparent itself, else null. */
  get clearOriginal() {
    return this.#isTransparent ? this.original : null;
  }

  /** Shows other settings without noting it. */
  preview(settings) {
    this.settings = settings;
    this.changed();
  }

  /** The file of the result in this format, as the server makes it; throws an `AbortError` once `signal` says so. */
  async result(format, signal = this.#life.signal) {
    await this.edits.settle();
    signal.throwIfAborted();
    letGo(this);
    this.#uses += 1;
    try {
      if (this.isPacked) this.cutout = await cutoutOf(this);
      if (!this.size || (hasLayout(this.settings) && !this.layout)) await this.#measure();
      return await this.#results.file(this, format, (request) => this.ask({ ...request, signal }));
    } finally {
      this.#uses -= 1;
      this.#rest();
    }
  }

  /** What a step of the history goes back to. */
  get state() {
    return { accepted: this.accepted, cut: this.cut, cutout: this.cutout, version: this.version };
  }

  /** Takes another state, or a part of one; `box` is where the cutout changed, if not all of it is another. */
  renew(state, box = null) {
    Object.assign(this, state);
    this.#measured = null;
    if (box && this.#small && this.thumb.cutout) {
      patch([this.#small.cutout, this.thumb.cutout], this.cutout, box);
      this.thumb = { ...this.thumb }; // another one to whoever has drawn it
    } else {
      this.#small = null;
      if (this.cutout) this.#reduce("cutout", this.cutout);
    }
    this.changed();
  }

  /** The server's answer to a request of `remove` for this picture, or for a part of it; `tell` shows how far it is. */
  ask({ image = this.file, fields, mask, background, signal = this.#life.signal }, tell = false) {
    const always = { frame: "1", ...(this.#allowEmpty ? { allow_empty: "true" } : {}) };
    const request = { image, mask, background, fields: { ...fields, ...always }, signal };
    return remove({
      ...request,
      onProgress: tell ? (phase, share) => this.enter(phase, share) : undefined,
      onWait: tell ? (seconds) => this.enter("paused", 0, seconds) : undefined,
    });
  }

  /** Measures the first answer, where it isn't shown. */
  async #measure() {
    const { canvas: cutout, size } = await decode(this.cut.blob);
    this.size = size;
    this.#measured ??= measured(cutout);
  }

  async #read() {
    return this.#take(await read(this.file));
  }

  async #readByServer() {
    const ask = (mask) => this.ask({ fields: { format: "png" }, mask });
    return this.cut?.blob ? this.#take(await readByServer(this.cut.blob, ask)) : null;
  }

  #take({ canvas: original, size, isTransparent, isNeeded }) {
    this.size ??= size;
    this.#isTransparent = isTransparent;
    this.#isNeeded = isNeeded;
    this.#reduce("original", original);
    return original;
  }

  #reduce(name, source) {
    const reduced = copy(within(source, THUMB)); // never the same canvas: that one is painted on
    this.thumb = { original: reduced, ...this.thumb, [name]: reduced };
  }
}
