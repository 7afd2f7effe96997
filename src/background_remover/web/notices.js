/** Short messages: seen for a while, and read out by a screen reader. */

const FOR = 8000; // milliseconds that a message stays which nobody has to act on

/** Says something to those who don't see what happened; nothing is shown. */
export function say(text) {
  const status = document.querySelector("#status");
  status.textContent = status.textContent === text ? `${text}\u00a0` : text; // or the same again would not be read
}

/** Reads an error out at once; nothing is shown. */
export function alarm(text) {
  document.querySelector("#alert").textContent = text;
}

/** Shows a message, in place of the last one; an error stays until it is closed. `action` is `{ label, run }`. */
export function show(text, { isError = false, action = null } = {}) {
  for (const old of document.querySelectorAll(".notice:not(.error)")) old.remove();
  const notice = document.createElement("div");
  notice.className = isError ? "notice error" : "notice";
  const words = document.createElement("p");
  words.textContent = text;
  notice.append(words);
  const close = button("Close", "button icon", () => notice.remove());
  close.setAttribute("aria-label", "Close this message");
  close.innerHTML = '<svg aria-hidden="true"><use href="#icon-close" /></svg>';
  if (action) {
    const act = button(action.label, "button small", () => {
      notice.remove();
      action.run();
    });
    notice.append(act);
  }
  notice.append(close);
  document.querySelector("#notices").append(notice);
  if (isError) alarm(text);
  else say(text);
  if (!isError && !action) setTimeout(() => notice.remove(), FOR);
  return notice;
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
