/** The dialog of keyboard shortcuts, which `?` opens. */

import { msg, translate } from "./language.js";
import { button } from "./notices.js";

const GROUPS = [
  [
    msg("Everywhere"),
    [
      [[msg("Ctrl"), "V"], msg("Paste a picture")],
      [[msg("Ctrl"), "Z"], msg("Undo")],
      [[msg("Ctrl"), msg("Shift"), "Z"], msg("Redo")],
      [["O"], msg("Show the original while it is held")],
      [["?"], msg("Show these shortcuts")],
    ],
  ],
  [
    msg("On the picture"),
    [
      [["←", "→", "↑", "↓"], msg("Move the picture, the brush or the crosshair")],
      [["+", "−"], msg("Zoom in and out")],
      [["0"], msg("Show the whole picture")],
    ],
  ],
  [
    msg("While placing"),
    [
      [["←", "→", "↑", "↓"], msg("Move the subject")],
      [["+", "−"], msg("Scale it")],
      [["[", "]"], msg("Turn it")],
      [[msg("Shift")], msg("Larger steps")],
      [[msg("Alt")], msg("Drag without snapping")],
    ],
  ],
  [
    msg("With a brush"),
    [
      [[msg("Space")], msg("Begin and end a stroke")],
      [["[", "]"], msg("Make the brush smaller or larger")],
      [[msg("Shift"), "←"], msg("Move by a single pixel")],
    ],
  ],
  [
    msg("While choosing"),
    [
      [[msg("Enter")], msg("Add what is under the crosshair")],
      [[msg("Space")], msg("Take it alone")],
      [[msg("Delete")], msg("Remove it")],
      [["B"], msg("Begin and end a box")],
      [[msg("Esc")], msg("Forget clicks and box")],
    ],
  ],
];
const WRITTEN_IN = "input:not([type=range], [type=radio], [type=checkbox]), select, textarea";

/** Puts a button that shows the shortcuts before `next`, and listens to the key. */
export function listenForHelp(next) {
  const dialog = made();
  document.body.append(dialog);
  const open = button("?", "button icon help", () => dialog.showModal());
  open.setAttribute("aria-label", msg("Keyboard shortcuts"));
  open.title = msg("Keyboard shortcuts");
  const holder = document.createElement("div");
  holder.append(open);
  translate(holder);
  next.before(open);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.target.matches(WRITTEN_IN) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    dialog.showModal();
  });
}

function made() {
  const dialog = document.createElement("dialog");
  dialog.id = "shortcuts";
  dialog.setAttribute("aria-labelledby", "shortcuts-title");
  const title = line("h2", msg("Keyboard shortcuts"));
  title.id = "shortcuts-title";
  const groups = document.createElement("div");
  groups.className = "groups";
  groups.append(...GROUPS.map(section));
  groups.tabIndex = 0; // it scrolls on low screens
  groups.setAttribute("role", "group");
  groups.setAttribute("aria-labelledby", title.id);
  const close = button(msg("Close"), "button main", () => dialog.close());
  close.autofocus = true;
  dialog.append(title, groups, close);
  translate(dialog);
  return dialog;
}

function section([name, shortcuts]) {
  const list = document.createElement("dl");
  for (const [keys, text] of shortcuts) {
    const names = document.createElement("dt");
    for (const key of keys) names.append(line("kbd", key), " ");
    list.append(names, line("dd", text));
  }
  const made = document.createElement("section");
  made.append(line("h3", name), list);
  return made;
}

function line(kind, text) {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}
