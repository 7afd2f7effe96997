/** The fields of a request as options: those of the server that are possible without it, by the same names and defaults. */

import { LocalFailure } from "../failure.js";
import { checkCombination } from "./combinations.js";
import { canvasSize, isReadable } from "./lengths.js";

/** The default of each field, as of `Options` and `OutputOptions` of the server. */
export const DEFAULTS = Object.freeze({
  allow_empty: false,
  only_mask: false,
  points: "",
  not_points: "",
  box: "",
  subjects: "all",
  ground: "auto",
  remove_colour: "",
  tolerance: 10,
  background: "none",
  background_fit: "cover",
  shadow: false,
  shadow_kind: "drop",
  shadow_opacity: 0.5,
  shadow_blur: "2%",
  shadow_offset: "1%,2%",
  keep_shadow: false,
  outline: "",
  crop: false,
  margin: "0",
  canvas: "",
  scale: 0.9,
  position: "centre",
  place: "",
  format: "",
  quality: 0,
  dpi: 0,
});

const KNOWN = {
  ground: ["auto", "plain", "photo"],
  background_fit: ["cover", "contain", "stretch"],
  shadow_kind: ["drop", "contact", "floating"],
  format: ["png", "webp", "jpg"],
};
const MOST = { quality: 100, tolerance: 255, dpi: 10_000 };
const MOST_PIXELS = 250e6; // of a canvas
const SWITCHES = { true: true, false: false };

/**
 * Return all options, with those that fields of text give; `hasMask` and `hasBackground` say which pictures are sent as well.
 *
 * Throws `LocalFailure` at what can't be done.
 */
export function read(fields, { hasMask = false, hasBackground = false } = {}) {
  const options = { ...DEFAULTS };
  for (const [name, text] of Object.entries(fields)) options[name] = value(name, text);
  if (!options.format) throw refused("format isn't given", "png, webp or jpg");
  const { height, width } = canvasSize(options.canvas) ?? { height: 0, width: 0 };
  if (height * width > MOST_PIXELS) throw new LocalFailure("large", `canvas is ${options.canvas}; the most is 250 megapixels`);
  checkCombination(options, (name) => options[name] !== DEFAULTS[name], { hasMask, hasBackground });
  return Object.freeze(options);
}

function value(name, text) {
  if (!(name in DEFAULTS)) throw new LocalFailure("refused", `${name} needs a server; leave it out`);
  const kind = typeof DEFAULTS[name];
  if (kind === "boolean" && text in SWITCHES) return SWITCHES[text];
  if (kind === "number" && text.trim() && Number.isFinite(Number(text))) return within(name, Number(text));
  if (kind === "string" && (KNOWN[name]?.includes(text) ?? isReadable(name, text))) return text;
  throw refused(`${name} is ${text}`, KNOWN[name]?.join(", ") ?? { boolean: "true or false", number: "a number" }[kind] ?? "another");
}

function within(name, number) {
  const most = MOST[name] ?? 1;
  if (number < 0 || number > most || (name === "scale" && !number)) throw refused(`${name} is ${number}`, `up to ${most}`);
  return number;
}

function refused(found, wanted) {
  return new LocalFailure("refused", `${found}; give ${wanted}`);
}
