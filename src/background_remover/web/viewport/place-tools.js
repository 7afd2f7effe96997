/** The toolbar of the placing tool: its hint, the position in words, and a reset. */

import { element, icon } from "../form/element.js";
import { msg, translate } from "../messages/language.js";

/** Builds them into the page; `onReset()` is called to put the subject back. Returns `{ show(isOn, isPlaced, text) }`. */
export function buildPlaceTools(onReset) {
  const words = element("output", { className: "placed" });
  const title = msg("Put the subject back");
  const reset = element("button", { id: "reset", type: "button", className: "button icon", title, ariaLabel: title }, icon("reset"));
  const group = element("div", { id: "placing", className: "row tight placing", hidden: true }, words, reset);
  words.setAttribute("aria-live", "off"); // what keys do is said
  reset.addEventListener("click", onReset);
  for (const [made, before] of [[tool(), "#tools label:nth-of-type(2)"], [group, "#brush-size"]]) {
    translate(element("div", {}, made));
    document.querySelector(before).before(made);
  }
  const hint = hints();
  translate(hint);
  document.querySelector("#hint").append(hint);
  const show = (isOn, isPlaced, text) => {
    group.hidden = !isOn;
    reset.disabled = !isPlaced;
    words.textContent = text;
  };
  return { show };
}

function tool() {
  const radio = element("input", { type: "radio", name: "tool", value: "place" });
  const label = element("span", {}, icon("place"), msg("Place"));
  return element("label", { title: msg("Move, scale and turn the subject on its background") }, radio, label);
}

function hints() {
  const byKeys = element("span", { className: "for-keys", textContent: msg("Drag it to move it, its corners to scale it, the dot below to turn it.") });
  const byFingers = element("span", { className: "for-fingers", textContent: msg("Drag it to move it; two fingers scale and turn it.") });
  const made = element("span", {}, byKeys, byFingers);
  made.dataset.mode = "place";
  return made;
}
