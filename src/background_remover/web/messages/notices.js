/** Short messages: shown for a while, and announced by screen readers. */

import { icon } from "../form/element.js";
import { tr } from "./language.js";
import { whenReconnected } from "../service/reconnection.js";

const FOR = 8000; // milliseconds that a message stays which nobody has to act on
const closers = new WeakMap(); // notice -> what ends it

/** Says something to those who don't see what happened; nothing is shown. */
export function say(text) {
  const status = document.querySelector("#status");
  status.textContent = status.textContent === text ? `${text}\u00a0` : text; // or the same again would not be read
}

/** Reads an error out at once; nothing is shown. */
export function alarm(text) {
  document.querySelector("#alert").textContent = text;
}

/**
 * Shows a message, in place of the last one; an error stays until it is closed. `action` is `{ label, run }`; a message
 * with one stays too, unless `lasts` says for how many milliseconds. `onClose()` is called when it ends without the action.
 */
export function show(text, { isError = false, action = null, lasts = isError || action ? 0 : FOR, onClose = () => {} } = {}) {
  for (const old of document.querySelectorAll(".notice:not(.error, .work)")) closers.get(old)();
  const notice = document.createElement("div");
  notice.className = isError ? "notice error" : "notice";
  const words = document.createElement("p");
  words.textContent = text;
  notice.append(words);
  const end = (then) => {
    if (!notice.isConnected) return;
    notice.remove();
    then();
  };
  closers.set(notice, () => end(onClose));
  if (action) notice.append(button(action.label, "button small", () => end(action.run)));
  notice.append(closeButton(() => end(onClose)));
  place().append(notice);
  if (isError) alarm(text);
  else say(text);
  if (lasts) setTimeout(() => end(onClose), lasts);
  return notice;
}

/** Shows that something failed, with a button to do it `again()`; once a server that was away is back, that is done. */
export function showFailure(text, failure, again) {
  const notice = show(text, { isError: true, action: { label: tr("Try again"), run: again } });
  if (failure.kind !== "away") return;
  whenReconnected(() => {
    if (!notice.isConnected) return;
    notice.remove();
    again();
  });
}

/**
 * Shows how far a work is, `{ update(share, text), end() }`, with a button that ends it and calls `cancel()`; `share` is
 * in [0, 1]. A screen reader hears of it by the progress bar.
 */
export function showWork(title, cancel) {
  const notice = document.createElement("div");
  notice.className = "notice work";
  const words = document.createElement("p");
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", title);
  const end = () => notice.remove();
  const update = (share, text) => {
    bar.value = share;
    words.textContent = `${title}: ${text}`;
  };
  notice.append(words, button(tr("Cancel"), "button small", () => (end(), cancel())), bar);
  place().append(notice);
  return { update, end };
}

/** Where messages are shown: in the dialog that is open and has a place for them, as all else can't be reached then. */
function place() {
  return document.querySelector("dialog[open] > .notices") ?? document.querySelector("#notices");
}

function closeButton(run) {
  const close = button("", "button icon", run);
  close.setAttribute("aria-label", tr("Close this message"));
  close.append(icon("close"));
  return close;
}

/** A button of this label and these classes. */
export function button(label, classes, run) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = classes;
  made.textContent = label;
  made.addEventListener("click", run);
  return made;
}
