/** Which options exclude each other or need another one: the server's rules, in its order and words (`options.py`). */

import { LocalFailure } from "../failure.js";

const NOT_WITH_ONLY_MASK = ["background", "shadow", "keep_shadow", "outline", "crop", "canvas", "place"];

/**
 * Throws `LocalFailure` at options that contradict each other, and at one that has no effect without another one.
 *
 * `isGiven(name)` says whether an option isn't its default; `hasMask` and `hasBackground`, which pictures are sent.
 */
export function checkCombination(options, isGiven, { hasMask, hasBackground }) {
  checkChoice(options, hasMask);
  if (options.place && (options.crop || isGiven("position"))) {
    throw refused("place says where the subject goes; leave crop and position out");
  }
  const isExcluded = (name) => isGiven(name) || (name === "background" && hasBackground);
  const excluded = options.only_mask && NOT_WITH_ONLY_MASK.find(isExcluded);
  if (excluded) throw refused(`only_mask gives neither colours nor a canvas; leave ${excluded} out`);
  for (const [name, [isThere, partner]] of Object.entries(partners(options, { hasMask, hasBackground }))) {
    if (!isThere && isGiven(name)) throw refused(`${name} does nothing without ${partner}; add that, or leave ${name} out`);
  }
  if (options.format === "png" && options.quality) throw refused("PNG has no quality; leave it out");
}

/** Throws where two options say what stays of a picture. */
function checkChoice({ points, not_points: notPoints, box, subjects, ground, remove_colour: colour }, hasMask) {
  const isPrompted = Boolean(points || notPoints || box);
  if (hasMask && isPrompted) throw refused("mask says already what the subject is; leave points, not_points and box out");
  const isChosen = hasMask || isPrompted || subjects !== "all";
  if (colour && (isChosen || ground !== "auto")) {
    throw refused("remove_colour says already what is removed; leave mask, points, subjects and ground out");
  }
  if (ground === "plain" && isChosen) {
    throw refused("ground is plain, which keeps all that is on it; leave mask, points, box and subjects out");
  }
}

/** Of each option that needs another one: whether that is given, and what it is called. */
function partners({ crop, canvas, shadow, remove_colour: colour, ground, background }, { hasMask, hasBackground }) {
  return {
    margin: [crop || canvas, "crop or canvas"],
    scale: [canvas, "canvas"],
    position: [canvas, "canvas"],
    shadow_kind: [shadow, "shadow"],
    shadow_opacity: [shadow, "shadow"],
    shadow_blur: [shadow, "shadow"],
    shadow_offset: [shadow, "shadow"],
    tolerance: [colour, "remove_colour"],
    keep_shadow: [ground !== "photo" && !hasMask, "a plain ground"],
    background_fit: [hasBackground || background.startsWith("blur:"), "a background that is a picture or a blur"],
  };
}

function refused(message) {
  return new LocalFailure("refused", message);
}
