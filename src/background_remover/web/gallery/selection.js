/** The selection in a list, by the usual rules of list boxes. */

/** A selection; where an `order` is asked for, it is the list as it is shown. */
export class Selection {
  focus = null; // the thing that the next key acts on
  #chosen = new Set();
  #anchor = null; // where a range begins

  get size() {
    return this.#chosen.size;
  }

  has(thing) {
    return this.#chosen.has(thing);
  }

  /** The selected things, in this order. */
  of(order) {
    return order.filter((thing) => this.#chosen.has(thing));
  }

  /** Selects a thing alone. */
  only(thing) {
    this.#chosen = new Set([thing]);
    this.#anchor = this.focus = thing;
  }

  /** Selects a thing beside the others, or no longer. */
  toggle(thing) {
    if (!this.#chosen.delete(thing)) this.#chosen.add(thing);
    this.#anchor = this.focus = thing;
  }

  /** Selects all from where the range begins to this thing, and nothing else. */
  extend(order, thing) {
    const [from, to] = [order.indexOf(this.#anchor ?? thing), order.indexOf(thing)].sort((one, other) => one - other);
    this.#anchor ??= thing;
    this.#chosen = new Set(order.slice(Math.max(from, 0), to + 1));
    this.focus = thing;
  }

  /** Selects all things. */
  everything(order) {
    this.#chosen = new Set(order);
    this.focus ??= order[0] ?? null;
  }

  /** Selects nothing; the focus stays. */
  clear() {
    this.#chosen.clear();
  }

  /** Forgets what isn't in the list any more; the focus goes to what is now in its place, `index`. */
  keepTo(order, index = 0) {
    const there = new Set(order);
    this.#chosen = new Set(this.of(order));
    if (!there.has(this.#anchor)) this.#anchor = null;
    if (!there.has(this.focus)) this.focus = order[Math.min(Math.max(index, 0), order.length - 1)] ?? null;
  }
}
