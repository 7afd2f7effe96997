/** The editor of the shown picture: connects the view with the tools. */

import { BRUSHES } from "../drawing/stroke.js";
import { prepare as prepareEdges } from "../edges/edges.js";
import { msg, percent, tr } from "../messages/language.js";
import { Card } from "./card.js";
import { clear, isPrompted, withoutColour } from "../picture/choice.js";
import { Chooser } from "./chooser.js";
import { Divider } from "./divider.js";
import { Gestures } from "./gestures.js";
import { GroundPanel } from "../form/ground.js";
import { say, show as showNotice, showFailure } from "../messages/notices.js";
import { buildPlaceTools } from "./place-tools.js";
import { Placer } from "./placer.js";
import { listen as listenForShowing } from "./showing.js";
import { View } from "./view.js";
import { capital, lineOf, ofConfidence, ofWork } from "../messages/texts.js";

const CLOSER = 1.25;
const EDITING = "#tools, #how, #clear, #reset, #brush, #closer, #farther, #whole, #panel .group"; // of no use before there is a cutout
const PICKING = ["choose", "wand", "pick"]; // modes in which clicks pick something
const NOTHING = {
  prompt: msg("Nothing was found there. Click elsewhere, or draw a box."),
  colour: msg("Nothing would stay. Choose another colour or ground, or a lower tolerance."),
}; // what is said where a choice leaves nothing
const one = (selector) => document.querySelector(selector);

/** Shows one picture at a time; `onShow(picture)` is called when there is something new to see of it. */
export class Editor {
  picture = null;
  #view = new View(one("#canvas"));
  #divider = new Divider(one("#divider"), this.#view);
  #card;
  #gestures;
  #chooser;
  #placer = new Placer(one("#viewport"), this.#view, say);
  #placeTools = buildPlaceTools(() => this.#placer.reset());
  #ground;
  #isWand = false; // whether clicks pick a colour, whatever tool is chosen
  #takeColour = null; // gets the colour that is picked, where it isn't the one to remove
  #onShow;
  #onChange = () => this.#update();

  constructor({ onShow, onRetry, onRemove }) {
    this.#onShow = onShow;
    this.#card = new Card(one("#card"), {
      again: () => onRetry(this.picture, {}),
      anyway: () => onRetry(this.picture, { allowEmpty: true }),
      choose: () => this.#begin("choose", tr("Click on the subject, or draw a box around it")),
      mark: () => this.#begin("keep", tr("Paint over the subject with the brush")),
      remove: () => onRemove(this.picture),
    });
    const onChoice = (choice, label) => this.#choose(this.picture, choice, label);
    this.#chooser = new Chooser(this.#view, {
      mode: () => this.#mode,
      how: () => one("[name=how]:checked").value,
      onChoice,
      onColour: (colour) => this.#pickUp(colour),
      onLeave: () => this.#wave(false),
      say,
    });
    this.#ground = new GroundPanel({ onChoice, onWand: (isOn) => this.#wave(isOn) });
    this.#gestures = new Gestures(one("#viewport"), this.#view, {
      mode: () => this.#mode,
      radius: () => Number(one("#brush").value) / 2,
      resize: (factor) => (one("#brush").value = Number(one("#brush").value) * factor),
      onStroke: (stroke) => this.#paint(stroke),
      hand: () => (PICKING.includes(this.#mode) ? this.#chooser : this.#mode === "place" ? this.#placer : null),
      say,
    });
    listenForShowing(this.#view);
    this.#view.onMove = () => this.#placeOverlays();
    one("#tools").addEventListener("change", () => this.#wave(false));
    one("#clear").addEventListener("click", () => onChoice(clear(this.picture.edits.choice), msg("choice cleared")));
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
      this.#isWand = false;
      this.#takeColour = null;
      this.#chooseTool();
      picture?.addEventListener("change", this.#onChange);
    }
    this.#update();
    if (!picture) return;
    await picture.open().catch(() => showNotice(tr("{name} can't be shown.", { name: picture.name }), { isError: true }));
    if (this.picture === picture) this.#update();
    else picture.close();
  }

  get #mode() {
    if (this.#takeColour) return "pick";
    return this.#isWand ? "wand" : one("[name=tool]:checked").value;
  }

  #update() {
    const { picture } = this;
    const canEdit = Boolean(picture?.cutout && picture.original) && picture.phase === "done";
    this.#view.painting = canEdit && this.#mode !== "compare";
    this.#view.show(picture?.original ? picture : null);
    this.#card.show(picture);
    for (const control of document.querySelectorAll(EDITING)) control.disabled = !canEdit;
    this.#showTools(canEdit);
    const [facts, isBusy] = [one("#facts"), Boolean(picture?.edits.isRefining || picture?.edits.finding)];
    const words = canEdit ? (isBusy ? ofWork(picture) : ofConfidence(picture)) : "";
    if (facts.textContent !== words) facts.textContent = words;
    facts.classList.toggle("busy", isBusy);
    facts.classList.toggle("unsure", canEdit && !isBusy && picture.isUnsure);
    one(".frame").setAttribute("aria-busy", String(isBusy));
    one("#viewport").setAttribute("aria-label", nameOf(picture, canEdit));
    this.#onShow(picture);
  }

  #showTools(canEdit) {
    const { picture } = this;
    const edits = picture?.edits;
    const keepsShadow = Boolean(edits?.choice.keepShadow && !picture.version);
    for (const brush of document.querySelectorAll("[name=tool]")) {
      if (BRUSHES.includes(brush.value)) brush.disabled = keepsShadow; // a mask can't say what of its grey is shadow
    }
    const isStill = !edits || picture.isPacked; // its canvas is being made again
    one("#undo").disabled = isStill || !(edits.finding || edits.history.canUndo);
    one("#redo").disabled = isStill || !edits.history.canRedo;
    const isBrush = BRUSHES.includes(this.#mode);
    one("#brush-size").hidden = !isBrush;
    one("#show").hidden = !(isBrush && canEdit);
    one("#choosing").hidden = this.#mode !== "choose";
    one("#clear").disabled = !canEdit || !isPrompted(edits.choice);
    const isPlaced = Boolean(canEdit && picture.settings.place);
    const isPlacing = this.#mode === "place";
    this.#placeTools.show(isPlacing, isPlaced, isPlacing ? this.#placer.words : ""); // to find them the cutout is measured
    const isKnown = isPlacing && isPlaced; // somebody has found out how to
    const hint = canEdit && !isKnown && document.querySelector(`#hint [data-mode=${this.#mode}]`);
    one("#hint").hidden = !hint;
    for (const words of document.querySelectorAll("#hint [data-mode]")) words.hidden = words !== hint;
    this.#ground.show(picture, this.#mode === "wand");
  }

  #placeOverlays() {
    const canCompare = Boolean(this.picture?.cutout && this.picture.original) && this.picture.phase === "done" && !this.#view.painting;
    this.#divider.place(canCompare);
    one("#viewport").classList.toggle("fitted", this.#view.isFitted && this.#mode === "compare");
    one("#before").hidden = !canCompare || this.#view.split < 0.12;
    one("#after").hidden = !canCompare || this.#view.split > 0.88;
    if (this.picture?.original) one("#percent").textContent = percent(this.#view.scale);
  }

  #chooseTool() {
    this.#gestures.reset();
    this.#chooser.start(PICKING.includes(this.#mode));
    this.#placer.start(this.#mode === "place");
    if (BRUSHES.includes(this.#mode)) prepareEdges();
    this.#update();
  }

  /** Has a colour picked from the picture, which `take(colour)` gets. */
  pick(take) {
    this.#wave(true, take);
  }

  /** Takes up the wand, or puts it down; `take` gets what it picks, where that isn't the colour to remove. */
  #wave(isOn, take = null) {
    this.#isWand = isOn;
    this.#takeColour = take;
    this.#chooseTool();
    if (!isOn) return;
    one("#viewport").focus();
    if (take) say(tr("Click on a colour, or move the crosshair to it and press Enter"));
    else say(tr("Click on the colour to remove, or move the crosshair to it and press Enter"));
  }

  #pickUp(colour) {
    const take = this.#takeColour;
    if (!take) return this.#choose(this.picture, withoutColour(this.picture.edits.choice, colour), msg("colour removed"));
    this.#wave(false);
    return take(colour);
  }

  /** Begins with nothing that stays, and a tool to say what does. */
  async #begin(tool, words) {
    const { picture } = this;
    if (!(await picture.startEmpty())) return showNotice(tr("This browser can't show this picture."), { isError: true });
    one(`[name=tool][value=${tool}]`).checked = true;
    this.#wave(false);
    one("#viewport").focus({ preventScroll: true });
    return say(words);
  }

  async #choose(picture, choice, label) {
    const isPainted = picture.version && picture.cut.blob;
    if (choice.keepShadow && BRUSHES.includes(this.#mode)) one("[name=tool][value=compare]").checked = true;
    try {
      if (!(await picture.edits.choose(choice, label))) return;
      say(`${capital(tr(label))}. ${ofConfidence(picture)}`);
      if (isPainted) showNotice(tr("What was painted is gone with this; Undo brings it back."));
    } catch (error) {
      if (error.kind === "empty") showNotice(tr(NOTHING[isPrompted(choice) ? "prompt" : "colour"]));
      else showFailure(`${tr("That couldn't be cut out.")} ${lineOf(error)}`, error, () => this.#choose(picture, choice, label));
    }
  }

  #paint(stroke) {
    this.picture.edits.paint(stroke);
    this.#refine(this.picture);
  }

  async #refine(picture) {
    if (picture.edits.isRefining) return; // what was painted since comes in its turn
    try {
      if (await picture.edits.refine()) say(tr("The edges are refined"));
    } catch (error) {
      showFailure(`${tr("The edges couldn't be refined.")} ${lineOf(error)}`, error, () => this.#refine(picture));
    }
  }

  #step(name) {
    const label = !this.picture?.isPacked && this.picture?.edits[name]();
    if (!label) return;
    const what = tr(label);
    say(name === "undo" ? tr("Undone: {what}", { what }) : tr("Done again: {what}", { what }));
    this.#update();
    this.#refine(this.picture); // what came back may be as it was painted
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

/** What a screen reader says of the picture that is shown. */
function nameOf(picture, isCut) {
  if (!picture) return tr("Picture");
  const { name } = picture;
  return isCut ? tr("{name}, cut out", { name }) : tr("{name}, not cut out yet", { name });
}
