/** The view of all pictures: sorted, filtered, changed, reordered and removed together. */

import { element } from "../form/element.js";
import { msg, tr, translate } from "../messages/language.js";
import { say, showFailure } from "../messages/notices.js";
import { lineOf } from "../messages/texts.js";
import { Failure } from "../service/failure.js";
import { BulkEdit, give } from "./bulk-edit.js";
import { arranged, needsCheck } from "./order.js";
import { giveSubjects } from "./subjects.js";

const one = (selector) => document.querySelector(selector);

/**
 * The grid of a collection's pictures. `onOpen(picture)` shows one by itself, `onRemove(pictures)` takes some out, and
 * `onChange()` is called when other pictures are meant by the form.
 */
export class Gallery {
  #collection;
  #list = element("ul", { className: "tiles", role: "listbox", ariaMultiSelectable: "true", ariaLabel: msg("Pictures") });
  #grid = null; // loaded once there is more than one picture
  #bar = null;
  #loading = null;
  #bulkEdit = new BulkEdit();
  #asked = false;
  #meant = document.createElement("p"); // whose choices the form shows
  #on;

  constructor(collection, { onOpen, onRemove, onChange }) {
    this.#collection = collection;
    this.#on = { onOpen, onRemove, onChange };
    translate(element("div", {}, this.#list));
    one("#stage").prepend(this.#list);
    this.#meant.className = "meant";
    one("#panel").prepend(this.#meant);
    one("#show-all").addEventListener("click", () => this.open());
    document.addEventListener("keydown", (event) => this.#shortcut(event), { capture: true });
    collection.addEventListener("change", () => this.#renew());
  }

  /** Loads the grid and the bar above it, unless they are there. */
  #load() {
    this.#loading ??= Promise.all([import("./grid.js"), import("./bar.js")]).then(
      ([{ Grid }, { Bar }]) => {
        this.#grid = new Grid(this.#list, this.#actions());
        this.#bar = new Bar({ ...this.#actions(), arrange: () => this.#show() });
        this.#list.before(this.#bar.element);
      },
      () => {
        this.#loading = null;
        throw new Failure("away");
      },
    );
    return this.#loading;
  }

  #actions() {
    const selected = () => this.#grid.selected;
    return {
      change: () => this.#show(),
      leave: () => this.leave(),
      all: () => (this.#grid.selectAll(), this.#grid.focus()),
      open: (picture = selected()[0]) => this.leave(picture),
      remove: () => selected().length && this.#on.onRemove(selected()),
      move: (pictures, before) => this.#collection.move(pictures, before),
      earlier: () => this.#grid.moveBy(-1),
      later: () => this.#grid.moveBy(1),
      undo: () => this.#step("undo"),
      redo: () => this.#step("redo"),
    };
  }

  /** Its list, of which `pictureOf(item)` gives the picture of an item, and `canMove` says whether a drag moves it. */
  get list() {
    return this.#list;
  }

  pictureOf(item) {
    return this.#grid?.pictureOf(item) ?? null;
  }

  get canMove() {
    return Boolean(this.#grid?.canMove);
  }

  get isOpen() {
    return document.body.classList.contains("many");
  }

  /** The pictures that the form means: the selected ones, first the one whose choices it shows; or all. */
  get meant() {
    const { selection, selected } = this.#grid;
    const pictures = selected.length ? selected : this.#collection.all;
    const first = selection.has(selection.focus) ? selection.focus : pictures[0];
    return pictures.length ? [first, ...pictures.filter((picture) => picture !== first)] : [];
  }

  /** Whether it is open and pictures are selected in it. */
  get hasSelected() {
    return this.isOpen && this.#grid.selected.length > 0;
  }

  /** Shows the grid. */
  async open() {
    try {
      await this.#load();
    } catch (failure) {
      return showFailure(lineOf(failure), failure, () => this.open());
    }
    document.body.classList.add("many");
    this.#renew();
    if (this.#grid.order.length) this.#grid.focus();
  }

  /** Goes back to one picture. */
  leave(picture = this.#grid.selection.focus ?? this.#collection.all[0]) {
    this.close();
    this.#on.onOpen(picture);
  }

  /** Takes the grid away. */
  close() {
    document.body.classList.remove("many");
  }

  /** Shows what has become of a picture. */
  update(picture) {
    if (!this.isOpen) return;
    this.#grid.update(picture);
    if (this.#asked) return;
    this.#asked = true; // once for all that change in one go
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#show();
    });
  }

  #show() {
    if (!this.isOpen) return;
    const { all } = this.#collection;
    this.#grid.canMove = this.#bar.sort === "own" && !this.#bar.onlyToCheck;
    this.#grid.show(arranged(all, this.#bar.sort, this.#bar.onlyToCheck));
    const selected = this.#grid.selected.length;
    const { history } = this.#collection;
    this.#bar.show({ all: all.length, toCheck: all.filter(needsCheck).length, selected, canMove: this.#grid.canMove, history });
    this.#meant.textContent = selected
      ? tr("For {count} selected", { count: selected })
      : tr("For all {count} pictures", { count: all.length });
    for (const group of document.querySelectorAll("#panel .group")) group.disabled = false;
    this.#on.onChange();
  }

  /** Shows the meant pictures with these settings, of which only what was changed is taken. */
  preview(settings) {
    this.#bulkEdit.preview(this.meant, settings);
  }

  /** Gives the meant pictures what was changed of these settings, as one step. */
  set(settings) {
    this.#note(this.#bulkEdit.set(this.meant, settings));
  }

  /** Gives pictures all settings of another and its number of subjects, as one step, which is returned. */
  give(pictures, { settings, edits }) {
    const { label, ...made } = give(pictures, settings);
    const chosen = giveSubjects(pictures, edits.choice.subjects);
    const step = { label, undo: () => (chosen.undo(), made.undo()), redo: () => (made.redo(), chosen.redo()) };
    this.#note(step);
    return step;
  }

  /** Takes back a step of these, whatever was done since. */
  takeBack(step) {
    const { history } = this.#collection;
    if (history.last === step) return this.#step("undo");
    history.forget(step);
    return step.undo();
  }

  #note(step) {
    this.#collection.history.push(step);
    this.#show();
  }

  #renew() {
    if (this.#collection.all.length > 1) this.#load().catch(() => {}); // it is tried again when it is to be shown
    if (!this.#grid) return;
    this.#grid.keepTo(this.#collection.all);
    for (const picture of this.#collection.all) this.#grid.update(picture);
    this.#show();
  }

  #step(name) {
    const label = this.#collection.history[name]();
    const values = { what: tr(label ?? "") };
    if (label) say(name === "undo" ? tr("Undone: {what}", values) : tr("Done again: {what}", values));
    this.#show();
  }

  /** Undoes and does again what was done here, not to the picture that was shown last. */
  #shortcut(event) {
    const key = event.key.toLowerCase();
    if (!this.isOpen || !(event.ctrlKey || event.metaKey) || event.altKey || (key !== "z" && key !== "y")) return;
    if (event.target.matches("input:not([type=range], [type=radio], [type=checkbox])")) return;
    event.preventDefault();
    event.stopPropagation();
    this.#step(key === "y" || event.shiftKey ? "redo" : "undo");
  }
}
