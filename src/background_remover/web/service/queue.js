/** A queue that runs a few tasks at a time, in order. */

/** Runs `work(thing)`, which never throws, for whatever is added; at most `limit` at once. */
export class Queue {
  #waiting = [];
  #running = 0;
  #limit;
  #work;

  constructor(limit, work) {
    this.#limit = limit;
    this.#work = work;
  }

  add(thing) {
    this.#waiting.push(thing);
    this.#next();
  }

  /** Takes a thing out that has not been begun. */
  remove(thing) {
    this.#waiting = this.#waiting.filter((one) => one !== thing);
  }

  async #next() {
    if (this.#running >= this.#limit || !this.#waiting.length) return;
    this.#running++;
    try {
      await this.#work(this.#waiting.shift());
    } finally {
      this.#running--;
      this.#next();
    }
  }
}
