/** The dialog of the videos, which are processed one after the other, also while it is closed. */

import { element, icon } from "../form/element.js";
import { msg, tr, translate, whenChanged } from "../messages/language.js";
import { button, show as showNotice } from "../messages/notices.js";
import { Queue } from "../service/queue.js";
import { Card } from "./card.js";
import { Clip } from "./clip.js";
import { looksLikeVideo } from "./intake.js";

const queue = new Queue(1, (clip) => clip.work());
const cards = new Map(); // clip -> its card
const list = element("ul", { className: "clips" });
const all = button(msg("Remove all backgrounds"), "button main", () => [...cards.values()].forEach((card) => card.begin()));
const chosen = element("input", { type: "file", accept: "video/*,.mkv", multiple: true, hidden: true });
const dialog = made();
const opener = element("button", { id: "show-videos", type: "button", className: "button" }, icon("video"), element("span", { className: "if-wide" }));

await styled();
document.body.append(dialog);
document.querySelector("#add-more").before(opener);
opener.addEventListener("click", open);
chosen.addEventListener("change", () => {
  const [files, others] = [true, false].map((wanted) => [...chosen.files].filter((file) => looksLikeVideo(file) === wanted));
  if (files.length) add(files);
  const names = others.map(({ name }) => name).join(", ");
  if (names) showNotice(tr("No video: {names}. Videos can be MP4, MOV, WebM, MKV or AVI.", { names }), { isError: true });
  chosen.value = "";
});
addEventListener("beforeunload", (event) => [...cards.keys()].some(wouldBeLost) && event.preventDefault());
whenChanged(() => (showCount(), cards.forEach((card) => card.show())));

/** Adds videos, and opens the dialog. */
export function add(files) {
  for (const file of files) {
    const clip = new Clip(file);
    const card = new Card(clip, {
      onStart: () => (clip.enqueue(), queue.add(clip)),
      onCancel: () => (queue.remove(clip), clip.cancel()),
      onRemove: () => remove(clip),
    });
    clip.addEventListener("change", showCount);
    cards.set(clip, card);
    list.append(card.element);
  }
  showCount();
  open();
  [...cards.values()].at(-files.length).focus();
}

function made() {
  const title = element("h2", { id: "videos-title", textContent: msg("Videos") });
  const more = button(msg("Add videos"), "button", () => chosen.click());
  const close = button("", "button icon", () => dialog.close());
  close.setAttribute("aria-label", msg("Close"));
  close.append(icon("close"));
  const head = element("div", { className: "videos-head" }, title, all, more, close);
  const made = element("dialog", { id: "videos" }, head, element("div", { className: "notices", role: "alert" }), list, chosen);
  made.setAttribute("aria-labelledby", title.id);
  translate(head);
  return made;
}

function open() {
  if (!dialog.open) dialog.showModal();
}

function remove(clip) {
  queue.remove(clip);
  clip.cancel();
  cards.get(clip).close();
  cards.get(clip).element.remove();
  cards.delete(clip);
  showCount();
  if (!cards.size) dialog.close();
}

/** Shows how many there are, and what can be done to several of them. */
function showCount() {
  const clips = [...cards.keys()];
  opener.hidden = !clips.length;
  opener.lastChild.textContent = tr("Videos");
  opener.ariaLabel = tr("Videos ({count})", { count: clips.length });
  all.hidden = clips.filter(({ phase }) => phase === "ready").length < 2;
}

function wouldBeLost(clip) {
  return clip.isBusy || (clip.phase === "done" && !clip.isSaved);
}

/** Loads the dialog's style sheet. */
function styled() {
  const link = element("link", { rel: "stylesheet", href: new URL("../styles/clip.css", import.meta.url).href });
  const loaded = new Promise((resolve) => (link.onload = link.onerror = resolve));
  document.head.append(link);
  return loaded;
}
