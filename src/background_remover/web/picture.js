/** One picture on the page: its file, what the server made of it, and what was done to that since. */

import { canvas, copy, decode, hasClear, png, visibleBox, within } from "./canvas.js";
import { History } from "./history.js";
import { remove } from "./service.js";
import { key, request } from "./settings.js";
import { greys, merge, put, trimap } from "./stroke.js";

const PREVIEW = 1600; // longer side of what is drawn while the whole picture is shown
const THUMB = 160;
const LARGEST_MASK = 2048; // longer side, where the server has to refine it because the page can't hold the whole
const OPAQUE = new Set(["image/jpeg", "image/bmp"]);
let masks = 1; // made so far: each has its number

/** Fires "change" whenever something about it is another. */
export class Picture extends EventTarget {
  phase = "waiting"; // sending, cutting, receiving, paused, done, failed, empty
  share = 0; // of the phase, in [0, 1]
  wait = 0; // seconds until a busy server is asked again
  failure = null;
  wish = {}; // what the next cut is asked to allow
  cut = null; // the server's first answer, { blob, confidence, isUnsure }
  original = null; // canvases, upright and of one size, there while the picture is shown or was painted on
  cutout = null;
  size = null; // the picture's own { width, height }, where the canvases are smaller
  thumb = null;
  strokes = []; // painted, not yet refined
  refining = false;
  history = new History();
  version = 0; // of the mask; 0 is the network's own
  #shown = false;
  #life = new AbortController(); // of everything that is asked for it
  #painting = new AbortController(); // of the refinement on its way
  #allowEmpty = false;
  #made = new Map(); // "mask" or a format -> the last { key, blob }
  #small = null;
  #box = null;
  #clear = false;

  constructor(file, settings) {
    super();
    this.file = file;
    this.name = file.name || "picture.png";
    this.settings = settings;
  }

  /** The name of its result. */
  target(format) {
    return `${this.name.replace(/\.[^.]*$/, "")}-cutout.${format}`;
  }

  /** Whether somebody should look at it: the server was unsure, and nothing has been painted since. */
  get isUnsure() {
    return Boolean(this.cut?.isUnsure) && !this.version;
  }

  get longer() {
    return Math.max(this.size.width, this.size.height);
  }

  /** Lets the server cut it out; ends in the phase "done", "empty" or "failed". */
  async cutOut({ allowEmpty = this.#allowEmpty } = {}) {
    this.#allowEmpty = allowEmpty;
    this.failure = null;
    this.#phase("sending");
    try {
      const original = this.original ?? (await this.#decodeOriginal().catch(() => null));
      if (original) this.thumb = within(original, THUMB);
      if (this.#shown) this.original = original;
      this.#changed();
      this.cut = await this.#ask({ fields: { format: "png" } }, true);
      const { canvas: cutout, size } = await decode(this.cut.blob);
      this.size = size;
      this.thumb = within(cutout, THUMB);
      if (this.#shown) await this.open(cutout);
      this.#phase("done");
    } catch (error) {
      if (error.name === "AbortError") return;
      this.failure = error.kind ? error : { kind: "refused", message: "" };
      this.#phase(this.failure.kind === "empty" ? "empty" : "failed");
    }
  }

  /** Stops whatever is on its way. */
  stop() {
    this.#life.abort();
    this.#painting.abort();
  }

  /** Waits for its turn once more. */
  again() {
    this.failure = null;
    this.#phase("waiting");
  }

  /** Fails without asking the server. */
  refuse(kind) {
    this.failure = { kind, message: "" };
    this.#phase("failed");
  }

  /** Makes the canvases that are shown; `cutout` is that of the first answer, where it is known. */
  async open(cutout = null) {
    this.#shown = true;
    this.original ??= await this.#decodeOriginal().catch(() => this.#originalByServer().catch(() => null));
    if (this.cutout || !this.cut?.blob) return;
    const made = cutout ?? (await decode(this.cut.blob)).canvas;
    this.original ??= made; // nobody can show it as it was
    if (this.original.width !== made.width) this.original = copy(this.original, made.width, made.height);
    this.cutout ??= made;
  }

  /** Lets the canvases go that can be made again. */
  close() {
    this.#shown = false;
    if (this.version || this.strokes.length || this.history.canRedo) return;
    this.original = this.cutout = this.#small = this.#box = null;
  }

  /** Begins with nothing cut out, for the subject to be painted; false where the browser can't show the picture. */
  async startEmpty() {
    await this.open().catch(() => {});
    if (!this.original) return false;
    this.cutout = canvas(this.original.width, this.original.height);
    this.cut = { blob: null, confidence: null, isUnsure: false };
    this.version = ++masks;
    this.#phase("done");
    return true;
  }

  /** Original and cutout at a size that is quickly drawn. */
  get small() {
    this.#small ??= { original: within(this.original, PREVIEW), cutout: within(this.cutout, PREVIEW) };
    return this.#small;
  }

  /** What is shown of it, `{ x, y, width, height }`: all, or the subject's box with its margin, as the server crops. */
  get frame() {
    const { width, height } = this.original;
    if (!this.settings.crop || !this.cutout) return { x: 0, y: 0, width, height };
    this.#box ??= visibleBox(this.cutout);
    const box = this.#box;
    const margin = Math.round((this.settings.margin * Math.max(box.width, box.height)) / 100);
    const x = Math.max(box.x - margin, 0);
    const y = Math.max(box.y - margin, 0);
    const right = Math.min(box.x + box.width + margin, width);
    const bottom = Math.min(box.y + box.height + margin, height);
    return { x, y, width: right - x, height: bottom - y };
  }

  /** Takes other settings, as a step that can be undone; `before` are those to go back to. */
  set(settings, before = this.settings) {
    this.history.push({
      label: "settings",
      undo: () => this.preview(before),
      redo: () => this.preview(settings),
    });
    this.preview(settings);
  }

  /** Shows other settings without noting it. */
  preview(settings) {
    this.settings = settings;
    this.#changed();
  }

  /** Sends the painted strokes with the mask and takes in what comes back; throws what the server throws. */
  async refine() {
    this.#painting.abort(); // an answer without the last stroke is of no use
    const { signal } = (this.#painting = new AbortController());
    const strokes = [...this.strokes];
    if (!strokes.length) return;
    this.refining = true;
    this.#changed();
    try {
      const mask = await trimap(this.cutout, this.#clear ? this.original : null, strokes);
      const { blob } = await this.#ask({ fields: { format: "png" }, mask, signal });
      const solved = (await decode(blob)).canvas;
      if (signal.aborted) return;
      this.#take(merge(this.cutout, solved, strokes));
      this.strokes = this.strokes.slice(strokes.length);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    } finally {
      if (!signal.aborted) this.refining = false;
      this.#changed();
    }
  }

  /** Takes back the last step, or a stroke not yet refined; gives its label, or null. */
  undo() {
    if (this.strokes.length) {
      this.#painting.abort();
      this.refining = false;
      this.strokes = [];
      this.#changed();
      return "brush stroke";
    }
    return this.history.undo();
  }

  /** Does again what was taken back last; gives its label, or null. */
  redo() {
    return this.history.redo();
  }

  /** The file of the result in this format, as the server makes it. */
  async result(format) {
    await this.#ready();
    const wanted = `${this.version} ${key(this.settings, format, this.longer)}`;
    const last = this.#made.get(format);
    if (last?.key === wanted) return last.blob;
    const { fields, background } = request(this.settings, format, this.longer);
    const isFirst = !this.version && format === "png" && !background && Object.keys(fields).length === 1;
    const blob = isFirst ? this.cut.blob : (await this.#ask({ fields, background, mask: await this.#mask() })).blob;
    this.#made.set(format, { key: wanted, blob });
    return blob;
  }

  async #ready() {
    if (this.strokes.length) await this.refine();
    if (!this.size) this.size = (await decode(this.cut.blob)).size;
  }

  /** The mask as it is now, or null where it is the network's own. */
  async #mask() {
    if (!this.version) return null;
    if (this.#made.get("mask")?.key !== this.version) {
      const mask = greys(this.cutout, this.#clear ? this.original : null);
      const isWhole = mask.width === this.size.width;
      this.#made.set("mask", { key: this.version, blob: await png(isWhole ? mask : within(mask, LARGEST_MASK)) });
    }
    return this.#made.get("mask").blob;
  }

  #ask({ fields, mask, background, signal = this.#life.signal }, tell = false) {
    const always = { frame: "1", ...(this.#allowEmpty ? { allow_empty: "true" } : {}) };
    return remove({
      image: this.file,
      mask,
      background,
      fields: { ...fields, ...always },
      signal,
      onProgress: tell ? (phase, share) => this.#phase(phase, share) : undefined,
      onWait: tell ? (seconds) => this.#phase("paused", 0, seconds) : undefined,
    });
  }

  async #decodeOriginal() {
    const { canvas: original, size } = await decode(this.file);
    this.size = size;
    this.#clear = !OPAQUE.has(this.file.type) && hasClear(original);
    return original;
  }

  /** A picture that only the server can read: it gives all of it where the mask is all white. */
  async #originalByServer() {
    if (!this.cut?.blob) return null;
    const { canvas: mask } = await decode(this.cut.blob);
    const context = mask.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, mask.width, mask.height);
    const { blob } = await this.#ask({ fields: { format: "png" }, mask: await png(mask) });
    const { canvas: original } = await decode(blob);
    this.#clear = hasClear(original);
    return original;
  }

  /** Notes a stroke that was taken in. */
  #take({ box, before, after }) {
    const [from, to] = [this.version, ++masks];
    const show = (piece, version) => {
      put(this.cutout, box, piece);
      this.#renewed(version);
    };
    const bytes = 8 * box.width * box.height;
    this.history.push({ label: "brush stroke", undo: () => show(before, from), redo: () => show(after, to), bytes });
    this.#renewed(to);
  }

  #renewed(version) {
    this.version = version;
    this.#small = this.#box = null;
    this.thumb = within(this.cutout, THUMB);
    this.#changed();
  }

  #phase(phase, share = 0, wait = 0) {
    Object.assign(this, { phase, share, wait });
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
