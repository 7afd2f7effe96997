/** The list of pictures: a thumbnail of each, its progress, and its result. */

import { icon, setChildren } from "../form/element.js";
import { tr } from "../messages/language.js";
import { button } from "../messages/notices.js";
import { ofPhase } from "../messages/texts.js";

const AT_WORK = new Set(["waiting", "loading", "sending", "cutting", "receiving", "paused"]);

/** Shows pictures in a list; `onSelect(picture)` and `onRemove(picture)` are called for clicks. */
export class Strip {
  #list;
  #items = new Map(); // picture -> its elements
  #onSelect;
  #onRemove;

  constructor(list, { onSelect, onRemove }) {
    this.#list = list;
    this.#onSelect = onSelect;
    this.#onRemove = onRemove;
  }

  /** Shows these pictures in this order. */
  show(pictures) {
    const there = new Set(pictures);
    for (const picture of this.#items.keys()) if (!there.has(picture)) this.#items.delete(picture);
    for (const picture of pictures) if (!this.#items.has(picture)) this.#make(picture);
    const items = pictures.map((picture) => this.#items.get(picture).item);
    setChildren(this.#list, items);
  }

  #make(picture) {
    const item = document.createElement("li");
    const select = button("", "thumb", () => this.#onSelect(picture));
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    const name = document.createElement("span");
    name.className = "thumb-name";
    name.textContent = picture.name;
    const note = document.createElement("span");
    note.className = "thumb-note";
    select.append(canvas, name, note);
    const progress = document.createElement("progress");
    progress.max = 100;
    progress.setAttribute("aria-label", picture.name);
    const remove = button("", "button icon remove", () => this.#onRemove(picture));
    remove.append(icon("close"));
    item.append(select, progress, remove);
    this.#items.set(picture, { item, select, canvas, note, progress, remove, thumb: null });
    this.update(picture);
  }

  /** Marks the picture that is shown. */
  select(picture) {
    for (const [one, { select }] of this.#items) {
      if (one === picture) select.setAttribute("aria-current", "true");
      else select.removeAttribute("aria-current");
    }
    const chosen = this.#items.get(picture);
    if (chosen) this.#list.scrollTo({ left: chosen.item.offsetLeft - this.#list.clientWidth / 2 });
  }

  /** The picture of an item of the list; null of another element. */
  pictureOf(item) {
    return [...this.#items.keys()].find((picture) => this.#items.get(picture).item === item) ?? null;
  }

  /** Puts the focus on a picture. */
  focus(picture) {
    this.#items.get(picture)?.select.focus();
  }

  /** Shows what has become of a picture. */
  update(picture) {
    const parts = this.#items.get(picture);
    if (!parts) return;
    const { item, canvas, note, progress, remove } = parts;
    item.dataset.phase = picture.phase;
    item.classList.toggle("unsure", picture.phase === "done" && picture.isUnsure);
    note.textContent = ofPhase(picture);
    remove.setAttribute("aria-label", tr("Remove {name}", { name: picture.name }));
    remove.title = tr("Remove");
    progress.hidden = !AT_WORK.has(picture.phase);
    showProgress(progress, picture);
    if (picture.thumb && picture.thumb !== parts.thumb) {
      parts.thumb = picture.thumb;
      const shown = picture.thumb.cutout ?? picture.thumb.original;
      canvas.width = shown.width;
      canvas.height = shown.height;
      canvas.getContext("2d").drawImage(shown, 0, 0);
    }
  }
}

/** Sets a progress bar to how far a picture is: no value while the server works, for nobody knows how long it will. */
export function showProgress(progress, { phase, share }) {
  if (phase === "waiting" || phase === "paused") progress.value = 0;
  else if (phase === "loading") progress.value = Math.round(share * 100);
  else if (phase === "sending") progress.value = Math.round(share * 60);
  else if (phase === "receiving") progress.value = 80 + Math.round(share * 20);
  else progress.removeAttribute("value");
}
