/** The bar above the grid: sorting, filtering, and actions on the selected pictures. */

import { element, icon, keys } from "../form/element.js";
import { msg, tr, translate } from "../messages/language.js";

const SORTS = { own: msg("My order"), name: msg("Name"), confidence: msg("Least sure first") };
const LIST_TOOLS = {
  undo: { icon: "undo", label: msg("Undo"), keys: "Control+Z" },
  redo: { icon: "redo", label: msg("Redo"), keys: "Control+Shift+Z" },
};
const TOOLS = {
  earlier: { icon: "back", label: msg("Move earlier"), keys: "Alt+ArrowLeft" },
  later: { icon: "forth", label: msg("Move later"), keys: "Alt+ArrowRight" },
  open: { icon: "whole", label: msg("Open"), keys: "Enter" },
  remove: { icon: "bin", label: msg("Remove the selected"), keys: "Delete" },
};

/** The bar; `on` has a function for each of its buttons' names, and `arrange()` for another sort or filter. */
export class Bar {
  element = element("div", { className: "toolbar gallery-bar", role: "group", ariaLabel: msg("All pictures") });
  #buttons = {};
  #shown = keys("shown", { all: "", check: "" }, "");
  #sort = element("select", { ariaLabel: msg("Sort") });
  #count = element("output");

  constructor(on) {
    for (const [value, textContent] of Object.entries(SORTS)) this.#sort.append(element("option", { value, textContent }));
    this.#shown.querySelector("input").checked = true;
    const back = this.#made("leave", element("button", { className: "button", ariaLabel: msg("Back") }, icon("back")), on);
    back.append(element("span", { textContent: msg("Back") }));
    const every = { className: "button small", textContent: msg("Select all"), ariaKeyShortcuts: "Control+A" };
    const all = this.#made("all", element("button", every), on);
    const sort = element("label", { className: "sort" }, element("span", { textContent: msg("Sort") }), this.#sort);
    const list = element("div", { className: "row tight" }, all, ...this.#tools(LIST_TOOLS, on));
    const selected = element("div", { className: "row tight selected" }, this.#count, ...this.#tools(TOOLS, on));
    this.element.append(back, this.#shown, sort, list, selected);
    translate(this.element);
    this.element.addEventListener("change", () => on.arrange());
  }

  /** "own", "name" or "confidence". */
  get sort() {
    return this.#sort.value;
  }

  /** Whether only pictures to check are shown. */
  get onlyToCheck() {
    return this.#shown.querySelector(":checked").value === "check";
  }

  /** Shows how many pictures there are, to check and selected, and what can be done. */
  show({ all, toCheck, selected, canMove, history }) {
    const [ofAll, ofChecked] = this.#shown.querySelectorAll("span");
    ofAll.textContent = tr("All {count}", { count: all });
    ofChecked.textContent = tr("{count} to check", { count: toCheck });
    this.#count.textContent = selected ? tr("{count} selected", { count: selected }) : "";
    const { earlier, later, open, remove, undo, redo } = this.#buttons;
    earlier.disabled = later.disabled = !selected || !canMove;
    open.disabled = selected !== 1;
    remove.disabled = !selected;
    undo.disabled = !history.canUndo;
    redo.disabled = !history.canRedo;
  }

  #tools(tools, on) {
    return Object.entries(tools).map(([name, { icon: image, label, keys: ariaKeyShortcuts }]) => {
      const properties = { className: "button icon", ariaLabel: label, title: label, ariaKeyShortcuts };
      return this.#made(name, element("button", properties, icon(image)), on);
    });
  }

  #made(name, button, on) {
    button.type = "button";
    button.addEventListener("click", () => on[name]());
    return (this.#buttons[name] = button);
  }
}
