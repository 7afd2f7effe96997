/** What is done to a picture once it is cut out: choices, strokes of the brushes, settings; each can be undone. */

import { decode } from "./canvas.js";
import { UNCHOSEN, fields } from "./choice.js";
import { History } from "./history.js";
import { merge, put, trimap } from "./stroke.js";

let masks = 1; // painted so far: each has its number

/** The number of a mask that no other one has. */
export function nextMask() {
  return ++masks;
}

/** The edits of one `Picture`, some of which are on their way to the server. */
export class Edits {
  choice = UNCHOSEN; // what is to stay; while `finding`, the server hasn't answered yet
  finding = false;
  strokes = []; // painted, not yet refined
  refining = false;
  history = new History();
  #picture;
  #painting = new AbortController(); // of the refinement on its way
  #choosing = new AbortController(); // of the cut of another choice on its way
  #found = Promise.resolve(); // settled when no choice is on its way

  constructor(picture) {
    this.#picture = picture;
  }

  /** Whether something was begun that isn't a step of the history yet. */
  get isPending() {
    return this.finding || Boolean(this.strokes.length);
  }

  /** Waits for what is on its way; throws what the server throws of a stroke. */
  async settle() {
    await this.#found;
    if (this.strokes.length) await this.refine();
  }

  /** Stops what is on its way. */
  stop() {
    this.#choosing.abort();
    this.#painting.abort();
  }

  /** Takes other settings, as a step that can be undone; `before` are those to go back to. */
  set(settings, before = this.#picture.settings) {
    this.history.push({
      label: "settings",
      undo: () => this.#picture.preview(before),
      redo: () => this.#picture.preview(settings),
    });
    this.#picture.preview(settings);
  }

  /**
   * Has the server cut out what a choice says, as a step that can be undone; what was painted is gone with it.
   *
   * Whether it did: a later choice takes the place of one on its way. Throws what the server throws.
   */
  choose(choice, label) {
    const asked = this.#choose(choice, label);
    this.#found = asked.catch(() => {});
    return asked;
  }

  async #choose(choice, label) {
    this.#forget();
    const { signal } = (this.#choosing = new AbortController());
    const before = this.#picture.state;
    Object.assign(this, { choice, finding: true });
    this.#picture.changed();
    try {
      const cut = await this.#picture.ask({ fields: { format: "png", ...fields(choice) }, signal });
      const { canvas: cutout } = await decode(cut.blob);
      if (signal.aborted) return false;
      const after = { accepted: choice, cut, cutout, version: 0 };
      const [undo, redo] = [() => this.#restore(before), () => this.#restore(after)];
      this.history.push({ label, undo, redo, bytes: 4 * cutout.width * cutout.height });
      redo();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.#forget();
      this.#picture.changed();
      throw error;
    }
  }

  /** Takes a stroke, to be refined. */
  paint(stroke) {
    const strokes = [...this.strokes, stroke];
    this.#forget();
    this.strokes = strokes;
  }

  /** Sends the painted strokes with the mask and takes in what comes back; throws what the server throws. */
  async refine() {
    this.#painting.abort(); // an answer without the last stroke is of no use
    const { signal } = (this.#painting = new AbortController());
    const [picture, strokes] = [this.#picture, [...this.strokes]];
    if (!strokes.length) return;
    this.refining = true;
    picture.changed();
    try {
      const mask = await trimap(picture.cutout, picture.clearOriginal, strokes);
      const { blob } = await picture.ask({ fields: { format: "png" }, mask, signal });
      const solved = (await decode(blob)).canvas;
      if (signal.aborted) return;
      this.#note(merge(picture.cutout, solved, strokes));
      this.strokes = this.strokes.slice(strokes.length);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    } finally {
      if (!signal.aborted) this.refining = false;
      picture.changed();
    }
  }

  /** Takes back the last step, or what isn't one yet; gives its label, or null. */
  undo() {
    if (!this.isPending) return this.history.undo();
    const label = this.finding ? "choice" : "brush stroke";
    this.#forget();
    this.#picture.changed();
    return label;
  }

  /** Does again what was taken back last; gives its label, or null. */
  redo() {
    return this.history.redo();
  }

  /** Notes a stroke that was taken in. */
  #note({ box, before, after }) {
    const [from, to] = [this.#picture.version, nextMask()];
    const show = (piece, version) => {
      put(this.#picture.cutout, box, piece);
      this.#picture.renew({ version });
    };
    const bytes = 8 * box.width * box.height;
    this.history.push({ label: "brush stroke", undo: () => show(before, from), redo: () => show(after, to), bytes });
    this.#picture.renew({ version: to });
  }

  #restore(state) {
    Object.assign(this.#picture, { accepted: state.accepted });
    this.#forget();
    this.#picture.renew(state);
  }

  /** Gives up what was begun: a choice on its way, strokes that aren't refined. */
  #forget() {
    this.stop();
    Object.assign(this, { choice: this.#picture.accepted, finding: false, strokes: [], refining: false });
  }
}
