/** The token that a server may require: kept while the tab is open. */

import { msg, tr } from "../messages/language.js";
import { rememberedInTab, rememberInTab } from "../storage/preference.js";

const NAME = "token";
const ASKING = msg("Whoever runs it has one for you. It is kept until this tab is closed.");
const WRONG = msg("The server doesn't take this token. Check it and try again.");
let asked = null; // the question that is open, so that many pictures ask once

/** The token, or "" where none was given. */
export function current() {
  return rememberedInTab(NAME) ?? "";
}

/** Asks for a token in a dialog: whether one was given. `wrong` says that the last one didn't do. */
export function ask(wrong) {
  asked ??= question(wrong).finally(() => (asked = null));
  return asked;
}

function question(wrong) {
  const dialog = document.querySelector("#token-dialog");
  const field = document.querySelector("#token");
  document.querySelector("#token-text").textContent = tr(wrong ? WRONG : ASKING);
  field.value = "";
  field.setAttribute("aria-invalid", String(wrong));
  dialog.showModal();
  return new Promise((resolve) => {
    const given = () => {
      rememberInTab(NAME, field.value.trim());
      dialog.dataset.given = "yes";
    };
    document.querySelector("#token-form").addEventListener("submit", given, { once: true });
    document.querySelector("#token-cancel").addEventListener("click", () => dialog.close(), { once: true });
    dialog.addEventListener(
      "close",
      () => {
        document.querySelector("#token-form").removeEventListener("submit", given);
        resolve(dialog.dataset.given === "yes");
        delete dialog.dataset.given;
      },
      { once: true },
    );
  });
}
