/** What was done to a picture, to be undone and done again. */

const MOST = 100; // steps
const LARGEST = 256 * 2 ** 20; // bytes that all steps may hold

/** A list of steps `{ label, undo, redo, bytes }`, see `stepOf` of `Edits`; the oldest are forgotten where they hold too much. */
export class History {
  #done = [];
  #undone = [];

  /** Notes a step that was just done; what was undone before it is gone. */
  push(step) {
    this.#undone = [];
    this.#done.push(step);
    let bytes = this.#done.reduce((sum, one) => sum + (one.bytes ?? 0), 0);
    while (this.#done.length > MOST || (bytes > LARGEST && this.#done.length > 1)) bytes -= this.#done.shift().bytes ?? 0;
  }

  /** The steps that were done, the first one first. */
  get done() {
    return [...this.#done];
  }

  /** Begins with steps that were done before, the first one first. */
  resume(steps) {
    this.#done = [...steps];
  }

  get canUndo() {
    return this.#done.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  /** The step that is undone next. */
  get last() {
    return this.#done.at(-1);
  }

  /** The step that is done again next. */
  get next() {
    return this.#undone.at(-1);
  }

  /** Drops a step, done or undone, that can't be taken back any more. */
  forget(step) {
    this.#done = this.#done.filter((one) => one !== step);
    this.#undone = this.#undone.filter((one) => one !== step);
  }

  /** Undoes the last step; gives its label, or null where there is none. */
  undo() {
    return this.#move(this.#done, this.#undone, "undo");
  }

  /** Does again what was undone last; gives its label, or null where there is none. */
  redo() {
    return this.#move(this.#undone, this.#done, "redo");
  }

  #move(from, to, name) {
    const step = from.pop();
    if (!step) return null;
    step[name]();
    to.push(step);
    return step.label;
  }
}
