/** The card over a picture without a cutout: its progress, or the error and what to do. */

import { msg, tr } from "../messages/language.js";
import { button } from "../messages/notices.js";
import { showProgress } from "../gallery/strip.js";
import { ofFailure, ofPhase } from "../messages/texts.js";

const TITLES = { waiting: msg("Waiting for its turn"), paused: msg("The server is busy") };

/** Shows what a picture waits for; `actions` are `{ again, anyway, choose, mark, remove }`, what its buttons do. */
export class Card {
  #element;
  #actions;
  #shown = null; // which buttons there are: they are not made anew while somebody is about to press one

  constructor(element, actions) {
    this.#element = element;
    this.#actions = actions;
  }

  show(picture) {
    const isHidden = !picture || picture.phase === "done";
    this.#element.hidden = isHidden;
    if (isHidden) return;
    const { failure } = picture;
    const title = picture.phase in TITLES ? tr(TITLES[picture.phase]) : ofPhase(picture);
    const words = failure ? ofFailure(failure) : { title, text: "", detail: "" };
    if (picture.phase === "paused") words.text = tr("Trying again in {seconds} s.", { seconds: picture.wait });
    this.#set("title", words.title);
    this.#set("text", words.text);
    this.#set("detail", words.detail && tr("The server says: {detail}", { detail: words.detail }));
    const progress = this.#element.querySelector("progress");
    progress.hidden = Boolean(failure);
    showProgress(progress, picture);
    this.#element.classList.toggle("error", picture.phase === "failed");
    this.#element.classList.toggle("low", !failure);
    this.#element.classList.toggle("beside", Boolean(failure && picture.original)); // the subject may have to be marked
    this.#showActions(failure, words.again);
  }

  #showActions(failure, again) {
    const wanted = failure ? `${failure.kind} ${again} ${document.documentElement.lang}` : "";
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    const made = [];
    if (again) made.push(button(tr("Try again"), "button main", this.#actions.again));
    if (failure?.kind === "empty") {
      made.push(button(tr("Choose the subject"), "button main", this.#actions.choose));
      made.push(button(tr("Mark the subject"), "button", this.#actions.mark));
      made.push(button(tr("Cut it out anyway"), "button", this.#actions.anyway));
    }
    if (failure && !made.length) made.push(button(tr("Remove it"), "button", this.#actions.remove));
    const row = this.#element.querySelector("#card-actions");
    row.replaceChildren(...made);
    row.hidden = !made.length;
  }

  #set(name, text) {
    const element = this.#element.querySelector(`#card-${name}`);
    if (element.textContent !== text) element.textContent = text;
    element.hidden = !text;
  }
}
