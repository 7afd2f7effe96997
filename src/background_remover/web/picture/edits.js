/** The edits of a picture after it was cut out: choices, brush strokes, settings; each can be undone. */

import { msg } from "../messages/language.js";
import { decode } from "../drawing/canvas.js";
import { UNCHOSEN, fields } from "./choice.js";
import { History } from "./history.js";
import { Strokes } from "./strokes.js";

/** The edits of one `Picture`, some of which are on their way to the server. */
export class Edits {
  choice = UNCHOSEN; // what is to stay; while `finding`, the server hasn't answered yet
  finding = false;
  history = new History();
  #picture;
  #strokes;
  #choosing = new AbortController(); // of the cut of another choice on its way
  #found = Promise.resolve(); // settled when no choice is on its way

  constructor(picture) {
    this.#picture = picture;
    this.#strokes = new Strokes(picture);
  }

  /** Whether the server is refining the edges of strokes. */
  get isRefining() {
    return this.#strokes.isRefining;
  }

  /** Whether something is on its way, waits to be refined, or can be done again: that needs the picture's canvases. */
  get isUnsettled() {
    return this.finding || this.history.canRedo || this.isRefining || this.#strokes.waiting.length > 0;
  }

  /** Waits for what is on its way; throws what the server throws of a stroke. */
  async settle() {
    await this.#found;
    await this.refine();
  }

  /** Stops what is on its way, for good: nothing can be undone any more. */
  stop() {
    this.#choosing.abort();
    this.#strokes.waiting = [];
    this.history.clear();
  }

  /** Takes other settings, as a step that can be undone and is returned; `before` are those to go back to. */
  set(settings, before = this.#picture.settings) {
    const step = this.stepOf("settings", msg("settings"), { before, after: settings });
    this.history.push(step);
    this.#picture.preview(settings);
    return step;
  }

  /**
   * A step of the history, which goes between the two states that `held` has, `{ before, after }`: settings where its kind is
   * "settings", the picture's state where it is "choice"; of a "stroke" they are parts of the cutout.
   */
  stepOf(kind, label, held) {
    if (kind === "stroke") return this.#strokes.stepOf(held);
    const show = (settings) => this.#picture.preview(settings);
    if (kind === "settings") return { kind, label, held, undo: () => show(held.before), redo: () => show(held.after) };
    const redo = () => {
      held.before = { ...this.#picture.state, waiting: this.#strokes.waiting }; // by then the server may have refined more of it
      this.#restore({ ...held.after, waiting: [] });
    };
    const undo = () => this.#restore({ waiting: [], ...held.before });
    return { kind, label, held, choice: held.after.accepted, undo, redo, bytes: bytesOf(held.after.cutout) };
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
    Object.assign(this, { choice, finding: true });
    this.#picture.changed();
    try {
      const cut = await this.#picture.ask({ fields: { format: "png", ...fields(choice) }, signal });
      const { canvas: cutout } = await decode(cut.blob);
      if (signal.aborted) return false;
      const held = this.#picture.original ? cutout : null; // of one that isn't shown it is read again when it is wanted
      this.#take(label, { accepted: choice, cut, cutout: held, version: 0 });
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.#forget();
      this.#picture.changed();
      throw error;
    }
  }

  /** Takes the state after a choice, as a step of the history. */
  #take(label, after) {
    const step = this.stepOf("choice", label, { before: null, after });
    this.history.push(step);
    step.redo();
  }

  /** Paints a stroke, as a step that can be undone, whose edges are to be refined. */
  paint(stroke) {
    this.#forget();
    this.history.push(this.#strokes.paint(stroke));
  }

  /** Has the server refine the edges of what was painted: whether there were any. Throws what the server throws. */
  refine() {
    return this.#strokes.refine();
  }

  /** Takes back the last step, or the choice on its way; gives its label, or null. */
  undo() {
    if (!this.finding) return this.history.undo();
    this.#forget();
    this.#picture.changed();
    return msg("choice");
  }

  /** Does again what was taken back last; gives its label, or null. */
  redo() {
    return this.history.redo();
  }

  #restore({ waiting, ...state }) {
    this.#picture.accepted = state.accepted;
    this.#forget();
    this.#strokes.waiting = waiting;
    this.#picture.renew(state);
    if (!state.cutout) this.#read(state.cut);
  }

  /** Reads the cutout again from the server's answer. */
  async #read(cut) {
    const { canvas: cutout } = await decode(cut.blob);
    if (this.#picture.cut !== cut || this.#picture.cutout) return;
    this.#picture.renew({ cutout });
    if (!this.#picture.original) this.#picture.cutout = null; // it isn't shown: its thumbnail is enough
  }

  /** Gives up a choice on its way. */
  #forget() {
    this.#choosing.abort();
    Object.assign(this, { choice: this.#picture.accepted, finding: false });
  }
}

function bytesOf(cutout) {
  return cutout ? 4 * cutout.width * cutout.height : 0;
}
