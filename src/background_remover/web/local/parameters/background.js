/** What is put behind the subject, of the text of `background`, and colours. */

import { LocalFailure } from "../failure.js";

const DOWNWARDS = 180; // degrees: the angle that a gradient has where none is given

/** Return `{ colour }`, `{ gradient: { start, end, angle } }`, `{ blur }` in pixels, or `{}` for "none". */
export function readBackground(text) {
  if (text === "none") return {};
  if (text.startsWith("blur:")) {
    const blur = Number(text.slice(5));
    if (blur > 0 && blur <= 1000) return { blur };
    throw unreadable(text);
  }
  if (text.startsWith("gradient:")) return { gradient: readGradient(text) };
  return { colour: readColour("background", text) };
}

function readGradient(text) {
  const parts = text.slice("gradient:".length).split(/,(?![^(]*\))/).map((part) => part.trim()); // no comma of rgb(1, 2, 3)
  const angle = parts[2] === "radial" ? null : Number(parts[2] ?? DOWNWARDS);
  if (parts.length < 2 || parts.length > 3 || Number.isNaN(angle)) throw unreadable(text);
  const [start, end] = parts.map((part, index) => (index < 2 ? readColour("background", part) : null));
  return { start, end, angle };
}

function unreadable(text) {
  return new LocalFailure("refused", `background is ${text}; give a colour, a gradient, or blur: and a radius up to 1000`);
}

/** Return the four levels of a CSS colour. */
export function readColour(name, text) {
  const read = (before) => {
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.fillStyle = before;
    context.fillStyle = text;
    return context.fillStyle;
  };
  const found = read("#000000");
  if (found !== read("#ffffff")) throw new LocalFailure("refused", `${name} is ${text}; give a colour, as in #ffffff`);
  if (found.startsWith("#")) return [1, 3, 5].map((at) => parseInt(found.slice(at, at + 2), 16)).concat(255);
  const [red, green, blue, alpha] = found.match(/[\d.]+/g).map(Number);
  return [red, green, blue, Math.round(alpha * 255)];
}

/** The width, a length, and the four levels of the colour of the text of `outline`; null without one. */
export function readOutline(text) {
  if (!text) return null;
  const [width, ...colour] = text.split(",");
  return { width, colour: readColour("outline", colour.join(",").trim() || "white") };
}
