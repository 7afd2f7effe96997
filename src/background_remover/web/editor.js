/** The picture that is being worked on: what is shown of it, and what tools do to it. */

import { Card } from "./card.js";
import { Divider } from "./divider.js";
import { Gestures } from "./gestures.js";
import { say, show as showNotice } from "./notices.js";
import { View } from "./view.js";
import { lineOf, ofConfidence } from "./words.js";

const CLOSER = 1.25;
const EDITING = "#tools, #brush, #closer, #farther, #whole, #panel .group"; // of no use before there is a cutout
const one = (selector) => document.querySelector(selector);

/** Shows one picture at a time; `onShow(picture)` is called when there is something new to see of it. */
export class Editor {
  picture = null;
  #view = new View(one("#canvas"));
  #divider = new Divider(one("#divider"), this.#view);
  #card;
  #gestures;
  #onShow;
  #onChange = () => this.#update();

  constructor({ onShow, onRetry, onRemove }) {
    this.#onShow = onShow;
    this.#card = new Card(one("#card"), {
      again: () => onRetry(this.picture, {}),
      anyway: () => onRetry(this.picture, { allowEmpty: true }),
      mark: () => this.#mark(),
      remove: () => onRemove(this.picture),
    });
    this.#gestures = new Gestures(one("#viewport"), this.#view, {
      mode: () => this.#mode,
      radius: () => Number(one("#brush").value) / 2,
      resize: (factor) => (one("#brush").value = Number(one("#brush").value) * factor),
      onStroke: (stroke) => this.#paint(stroke),
      say,
    });
    this.#view.onMove = () => this.#placeOverlays();
    one("#tools").addEventListener("change", () => this.#chooseTool());
    one("#undo").addEventListener("click", () => this.#step("undo"));
    one("#redo").addEventListener("click", () => this.#step("redo"));
    one("#closer").addEventListener("click", () => this.#view.zoom(CLOSER));
    one("#farther").addEventListener("click", () => this.#view.zoom(1 / CLOSER));
    one("#whole").addEventListener("click", () => this.#view.fit());
    document.addEventListener("keydown", (event) => this.#shortcut(event));
  }

  /** Shows a picture, or none. */
  async show(picture) {
    if (this.picture !== picture) {
      this.picture?.removeEventListener("change", this.#onChange);
      this.picture?.close();
      this.picture = picture;
      this.#gestures.reset();
      picture?.addEventListener("change", this.#onChange);
    }
    this.#update();
    if (!picture) return;
    await picture.open().catch(() => showNotice(`${picture.name} can't be shown.`, { isError: true }));
    if (this.picture === picture) this.#update();
    else picture.close();
  }

  get #mode() {
    return one("[name=tool]:checked").value;
  }

  #update() {
    const { picture } = this;
    const canEdit = Boolean(picture?.cutout) && picture.phase === "done";
    this.#view.painting = canEdit && this.#mode !== "compare";
    this.#view.show(picture?.original ? picture : null);
    this.#card.show(picture);
    for (const control of document.querySelectorAll(EDITING)) control.disabled = !canEdit;
    one("#undo").disabled = !picture || !(picture.strokes.length || picture.history.canUndo);
    one("#redo").disabled = !picture?.history.canRedo;
    one("#brush-size").hidden = this.#mode === "compare";
    const facts = one("#facts");
    const words = canEdit ? (picture.refining ? "Refining the edges" : ofConfidence(picture)) : "";
    if (facts.textContent !== words) facts.textContent = words;
    facts.classList.toggle("busy", Boolean(picture?.refining));
    facts.classList.toggle("unsure", canEdit && picture.isUnsure);
    one(".frame").setAttribute("aria-busy", String(Boolean(picture?.refining)));
    one("#viewport").setAttribute("aria-label", picture ? `${picture.name}, ${canEdit ? "cut out" : "not cut out yet"}` : "Picture");
    this.#onShow(picture);
  }

  #placeOverlays() {
    const canCompare = Boolean(this.picture?.cutout) && this.picture.phase === "done" && !this.#view.painting;
    this.#divider.place(canCompare);
    one("#before").hidden = !canCompare || this.#view.split < 0.12;
    one("#after").hidden = !canCompare || this.#view.split > 0.88;
    if (this.picture?.original) one("#percent").textContent = `${Math.round(this.#view.scale * 100)} %`;
  }

  #chooseTool() {
    this.#gestures.reset();
    this.#update();
  }

  async #mark() {
    const { picture } = this;
    if (!(await picture.startEmpty())) return showNotice("This browser can't show this picture.", { isError: true });
    one("[name=tool][value=keep]").checked = true;
    this.#chooseTool();
    one("#viewport").focus({ preventScroll: true });
    return say("Paint over the subject with the brush");
  }

  #paint(stroke) {
    this.picture.strokes = [...this.picture.strokes, stroke];
    this.#refine(this.picture);
  }

  async #refine(picture) {
    try {
      await picture.refine();
      if (!picture.strokes.length) say("The edges are refined");
    } catch (error) {
      const again = { label: "Try again", run: () => this.#refine(picture) };
      showNotice(`The edges couldn't be refined. ${lineOf(error)}`, { isError: true, action: again });
    }
  }

  #step(name) {
    const label = this.picture?.[name]();
    if (label) say(`${name === "undo" ? "Undone" : "Done again"}: ${label}`);
    this.#update();
  }

  #shortcut(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || one("#token-dialog").open) return;
    if (event.target.matches("input:not([type=range], [type=radio], [type=checkbox])")) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    this.#step(key === "y" || event.shiftKey ? "redo" : "undo");
  }
}
