/** The user's choice about storing pictures: a switch in the form, and the question on the start page. */

import { element } from "../form/element.js";
import { msg, tr, translate } from "../messages/language.js";
import { button, show as showNotice } from "../messages/notices.js";

/** Puts the switch of a keeper, and a button that forgets everything, into a part of the form. */
export class KeepingSwitch {
  #input = element("input", { id: "keeping", type: "checkbox", role: "switch" });
  #note = element("p", { className: "note", hidden: true });

  constructor(place, keeper) {
    const words = element("span", { textContent: msg("Keep my pictures in this browser") });
    const label = element("label", { className: "switch" }, words, this.#input);
    const forget = button(msg("Forget all"), "button small", async () => {
      await keeper.forgetAll();
      showNotice(tr("All that this browser kept is forgotten."));
    });
    const group = element("div", { className: "keeping" }, label, forget, this.#note);
    translate(group);
    place.append(group);
    this.#input.checked = keeper.isOn;
    this.#input.addEventListener("change", () => keeper.turn(this.#input.checked));
  }

  /** Shows that this browser keeps no pictures. */
  showFailure() {
    this.#input.checked = false;
    this.#note.hidden = false;
    this.#note.textContent = tr("This browser keeps no pictures, or has no room for them.");
  }
}

/** Asks on the start page whether these records are to be brought back: `onYes()` or `onForget()` once it is answered. */
export function offerBack(records, { onYes, onForget }) {
  const count = records.length;
  const words = count === 1 ? tr("Bring back a picture from before?") : tr("Bring back {count} pictures from before?", { count });
  const end = (run) => () => {
    offer.remove();
    run();
  };
  const yes = button(tr("Yes"), "button main", end(onYes));
  const forget = button(tr("Forget"), "button", end(onForget));
  const asked = element("p", { textContent: words });
  const offer = element("div", { className: "offer", role: "group", ariaLabel: words }, asked, yes, forget);
  document.querySelector(".welcome-inner").prepend(offer);
}
