/** The grid of pictures, a list box: selected with mouse and keyboard as in file managers, and reordered with both. */

import { setChildren } from "../form/element.js";
import { listenToDrags } from "./reorder.js";
import { Selection } from "./selection.js";
import { Tile } from "./tile.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
const ROWS = { ArrowUp: -1, ArrowDown: 1 };

/**
 * Shows pictures and which are selected. `on` has `change()` for another selection, `open(picture)`,
 * `remove(pictures)`, `leave()`, and `move(pictures, before)`, where null is the end.
 */
export class Grid {
  selection = new Selection();
  canMove = true; // whether the order that is shown is the pictures' own
  #list;
  #tiles = new Map(); // picture -> its tile, of all that are or were shown
  #order = [];
  #on;
  #byFinger = false;

  constructor(list, on) {
    this.#list = list;
    this.#on = on;
    list.addEventListener("pointerdown", (event) => (this.#byFinger = event.pointerType === "touch"));
    list.addEventListener("click", (event) => this.#click(event));
    list.addEventListener("dblclick", (event) => this.#withPicture(event, on.open));
    list.addEventListener("keydown", (event) => this.#key(event));
    listenToDrags(list, {
      begin: (element) => this.#grab(element),
      drop: (element, isAfter) => this.#drop(element, isAfter),
    });
  }

  /** The pictures that are shown, in their order. */
  get order() {
    return this.#order;
  }

  /** The selected pictures, in the order in which they are shown. */
  get selected() {
    return this.selection.of(this.#order);
  }

  /** Shows these pictures in this order. */
  show(pictures) {
    const index = this.#order.indexOf(this.selection.focus);
    const hadFocus = this.#list.contains(document.activeElement);
    this.#order = pictures;
    for (const picture of pictures) if (!this.#tiles.has(picture)) this.#tiles.set(picture, new Tile(picture));
    const elements = pictures.map((picture) => this.#tiles.get(picture).element);
    setChildren(this.#list, elements);
    this.selection.keepTo(pictures, index);
    this.mark();
    if (hadFocus) this.focus();
  }

  /** Forgets the pictures that aren't among these. */
  keepTo(pictures) {
    const there = new Set(pictures);
    for (const picture of this.#tiles.keys()) if (!there.has(picture)) this.#tiles.delete(picture);
  }

  /** Shows what has become of a picture. */
  update(picture) {
    this.#tiles.get(picture)?.update();
  }

  /** Shows which pictures are selected. */
  mark() {
    for (const picture of this.#order) {
      this.#tiles.get(picture).mark(this.selection.has(picture), picture === this.selection.focus);
    }
  }

  /** Puts the focus where the next key acts. */
  focus() {
    const element = this.#tiles.get(this.selection.focus)?.element;
    element?.focus();
  }

  /** Selects all that is shown. */
  selectAll() {
    this.#select(() => this.selection.everything(this.#order));
  }

  /** Moves the selected pictures by a place, -1 or 1. */
  moveBy(step) {
    const { selected } = this;
    if (!selected.length || !this.canMove) return;
    const edge = step < 0 ? selected[0] : selected.at(-1);
    const at = this.#order.indexOf(edge) + (step < 0 ? -1 : 2);
    this.#on.move(selected, this.#order[Math.max(at, 0)] ?? null);
    this.focus();
  }

  #select(change) {
    change();
    this.mark();
    this.#on.change();
  }

  /** The picture of a tile, or of what is in one; nothing elsewhere. */
  pictureOf(element) {
    const tile = element?.closest?.(".tile");
    return tile && this.#order[[...this.#list.children].indexOf(tile)];
  }

  #withPicture(event, run) {
    const picture = this.pictureOf(event.target);
    if (picture) run(picture);
  }

  #click(event) {
    this.#withPicture(event, (picture) => {
      const { selection } = this;
      if (event.shiftKey) this.#select(() => selection.extend(this.#order, picture));
      else if (event.ctrlKey || event.metaKey || this.#byFinger) this.#select(() => selection.toggle(picture));
      else this.#select(() => selection.only(picture));
      this.focus();
    });
  }

  #key(event) {
    const control = event.ctrlKey || event.metaKey;
    if (this.#command(event, control) || event.key in STEPS || event.key in ROWS) event.preventDefault();
    const step = STEPS[event.key] ?? (ROWS[event.key] ?? 0) * this.#columns;
    if (!step) return;
    if (event.altKey) this.moveBy(Math.sign(step));
    else this.#go(step, event.shiftKey, control);
  }

  /** Does what a key means that isn't one to move by: whether it means something. */
  #command(event, control) {
    const { selection } = this;
    const commands = {
      Enter: () => selection.focus && this.#on.open(selection.focus),
      " ": () => selection.focus && this.#select(() => selection.toggle(selection.focus)),
      Delete: () => this.#on.remove(this.selected),
      Backspace: () => this.#on.remove(this.selected),
      Escape: () => (selection.size ? this.#select(() => selection.clear()) : this.#on.leave()),
      ...(control ? { a: () => this.selectAll() } : {}),
    };
    const command = commands[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    command?.();
    return Boolean(command);
  }

  /** Moves the focus by so many places: with shift a range is selected, with control nothing, else the one alone. */
  #go(step, isRange, isApart) {
    const { selection } = this;
    const at = Math.min(Math.max(this.#order.indexOf(selection.focus) + step, 0), this.#order.length - 1);
    const picture = this.#order[at];
    if (!picture) return;
    if (isRange) this.#select(() => selection.extend(this.#order, picture));
    else if (isApart) this.#select(() => (selection.focus = picture));
    else this.#select(() => selection.only(picture));
    this.focus();
  }

  get #columns() {
    return getComputedStyle(this.#list).gridTemplateColumns.split(" ").length;
  }

  /** Begins to drag a tile, which is selected then: whether it can be moved. */
  #grab(element) {
    const picture = this.pictureOf(element);
    if (!picture || !this.canMove) return false;
    if (!this.selection.has(picture)) this.#select(() => this.selection.only(picture));
    return true;
  }

  #drop(element, isAfter) {
    const at = this.#order.indexOf(this.pictureOf(element));
    if (at >= 0) this.#on.move(this.selected, this.#order[at + Number(isAfter)] ?? null);
  }
}
