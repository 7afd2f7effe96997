/** A video in the dialog: its preview, settings, progress and result. */

import { offer } from "../files/output.js";
import { element, icon } from "../form/element.js";
import { msg, tr, translate } from "../messages/language.js";
import { button } from "../messages/notices.js";
import { Choices } from "./choices.js";
import { Player } from "./player.js";
import { ofVideo, ofVideoFailure, progressOf } from "./texts.js";

/** Builds the card of a `Clip`, as `element`; `onStart()` lets it wait for its turn, `onCancel()` and `onRemove()` end that. */
export class Card {
  element = element("li", { className: "clip" });
  #clip;
  #player;
  #choices;
  #status = element("p", { className: "clip-status", role: "status" });
  #words = element("p", { className: "note" });
  #bar = element("progress", { max: 1 });
  #remove = element("button", { type: "button", className: "button icon" }, icon("bin"));
  #start = button(msg("Remove the background"), "button main", () => this.#begin());
  #cancel = button(msg("Cancel"), "button", () => this.#leave(this.#onCancel));
  #download = button(msg("Download"), "button main", () => this.#save());
  #original = button(msg("Original"), "button", () => this.#compare());
  #again = button(msg("Change"), "button", () => this.#leave(() => this.#clip.cancel()));
  #seesOriginal = false;
  #onStart;
  #onCancel;

  constructor(clip, { onStart, onCancel, onRemove }) {
    this.#clip = clip;
    this.#onStart = onStart;
    this.#onCancel = onCancel;
    this.#player = new Player(clip);
    this.#choices = new Choices(clip);
    this.#remove.addEventListener("click", onRemove);
    const head = element("div", { className: "clip-head" }, element("h3", { textContent: clip.name, translate: false }), this.#remove);
    const actions = element("div", { className: "row" }, this.#start, this.#cancel, this.#download, this.#original, this.#again);
    const side = element("div", { className: "clip-side" }, this.#choices.element, this.#status, this.#bar, this.#words, actions);
    translate(side);
    this.element.append(head, this.#player.element, side);
    clip.addEventListener("change", () => this.show());
    this.show();
  }

  /** Shows what it is at, in the language of the page. */
  show() {
    const { phase, name, isBusy } = this.#clip;
    this.element.dataset.phase = phase;
    this.#remove.ariaLabel = tr("Remove {name}", { name });
    this.#choices.element.hidden = phase !== "ready";
    this.#choices.show();
    this.#player.show(this.#seesOriginal);
    this.#start.hidden = phase !== "ready";
    this.#cancel.hidden = !isBusy;
    this.#download.hidden = this.#original.hidden = phase !== "done";
    this.#original.setAttribute("aria-pressed", String(this.#seesOriginal));
    this.#again.hidden = !["done", "failed"].includes(phase);
    this.#showWords();
  }

  /** Begins its work, unless a choice is wrong. */
  begin() {
    if (this.#clip.phase === "ready" && this.#choices.isValid) this.#onStart();
  }

  /** Takes the focus to the button that begins its work. */
  focus() {
    this.#start.focus({ preventScroll: true });
  }

  /** Gives up what it holds. */
  close() {
    this.#player.close();
  }

  #showWords() {
    const { failure, phase, isBusy, result } = this.#clip;
    const { title = "", text = "", detail = "" } = phase === "failed" ? ofVideoFailure(failure) : {};
    const { share, text: far } = progressOf(this.#clip);
    const said = title || ofVideo(this.#clip);
    if (this.#status.textContent !== said) this.#status.textContent = said; // or it would be read out again
    this.#status.classList.toggle("error", phase === "failed");
    this.#words.textContent = [far, detail, text, ...(result?.notes ?? []).map(asNote)].filter(Boolean).join(" ");
    this.#bar.hidden = !isBusy;
    this.#bar.ariaLabel = said;
    if (share === null) this.#bar.removeAttribute("value");
    else this.#bar.value = share;
  }

  #begin() {
    this.begin();
    if (this.#clip.isBusy) this.#cancel.focus();
  }

  /** Goes back to the choices, the focus too. */
  #leave(run) {
    this.#seesOriginal = false;
    run();
    this.#start.focus();
  }

  #compare() {
    this.#seesOriginal = !this.#seesOriginal;
    this.show();
  }

  #save() {
    offer(this.#clip.result.blob, this.#clip.target);
    this.#clip.isSaved = true;
  }
}

/** What a format lost, as the server says it: the fact alone, without the name of its file. */
function asNote(text) {
  return `${text.replace(/^\S+: /, "").split(/;\s/)[0]}.`;
}
