/** The fields of a request as options: those of the server that are possible without it, by the same names and defaults. */

import { LocalFailure } from "../failure.js";
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
const NOT_WITH_ONLY_MASK = ["background", "shadow", "keep_shadow", "outline", "crop", "canvas", "place"];

/**
 * Return all options, with those that fields of text give; `hasMask` says that a mask is sent as well.
 *
 * Throws `LocalFailure` at what can't be done.
 */
export function read(fields, hasMask = false) {
  const options = { ...DEFAULTS };
  for (const [name, text] of Object.entries(fields)) options[name] = value(name, text);
  if (!options.format) throw refused("format isn't given", "png, webp or jpg");
  const beside = NOT_WITH_ONLY_MASK.find((name) => options.only_mask && options[name] !== DEFAULTS[name]);
  if (beside) throw refused(`only_mask gives neither colours nor a canvas, and ${beside} is given`, "one of them");
  if (options.place && (options.crop || options.position !== DEFAULTS.position)) {
    throw refused("place says where the subject goes, and crop or position is given", "one of them");
  }
  if (options.format === "png" && options.quality) throw refused("PNG has no quality, and quality is given", "one of them");
  const { height, width } = canvasSize(options.canvas) ?? { height: 0, width: 0 };
  if (height * width > MOST_PIXELS) throw new LocalFailure("large", `canvas is ${options.canvas}; the most is 250 megapixels`);
  checkChoice(options, hasMask);
  return Object.freeze(options);
}

/** Throws where two options say what stays of a picture. */
function checkChoice({ points, not_points: notPoints, box, subjects, ground, remove_colour: colour }, hasMask) {
  const isPrompted = Boolean(points || notPoints || box);
  if (hasMask && isPrompted) throw refused("mask says already what the subject is, and a click or a box is given", "one of them");
  const isChosen = hasMask || isPrompted || subjects !== "all";
  if (colour && (isChosen || ground !== "auto")) throw refused("remove_colour says already what is removed", "it alone");
  if (ground === "plain" && isChosen) throw refused("ground is plain, which keeps all that is on it", "it alone");
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
