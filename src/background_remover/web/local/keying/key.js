/** Keying: the alpha of a subject by the colour of its plain ground, or by a colour to be removed (pipeline/keying.py). */

import { readColour } from "../parameters/background.js";
import { findShade } from "./cast-shadow.js";
import { choose, combine } from "./decision.js";
import { findGround, oneColour } from "./ground.js";
import { unmix } from "./unmix.js";

/** Whether the network is run at all. */
export function needsNetwork({ ground, remove_colour: colour }) {
  return ground !== "plain" && !colour;
}

/** `{ ground, alpha, colours, shade }` of an image without its ground, or without `remove_colour`, without a network. */
export async function keyByColour(image, { remove_colour: text, tolerance, keep_shadow: keeps }) {
  if (!text) return graphic(image, findGround(image));
  const [red, green, blue] = readColour("remove_colour", text);
  const ground = oneColour([red / 255, green / 255, blue / 255]);
  const shade = keeps ? findShade(image, ground) : null;
  return { ground: "colour", ...(await unmix(image, ground, shade, tolerance / 255)), shade };
}

/**
 * The network's alpha of an opaque image, refined or replaced by keying if the picture has a plain ground.
 *
 * `colours` are null where they are still to be found. `small` gives an image within 1024 pixels, and `ground` is what
 * `findGround` says of the image.
 */
export async function refineByColour(image, alpha, isEmpty, small, ground) {
  const byNetwork = { ground: "photo", alpha, colours: null, shade: null };
  if (!ground.isPlain) return byNetwork;
  const shade = findShade(image, ground, alpha);
  const found = await unmix(image, ground, shade);
  const { way, reduced } = await choose(image, found, alpha, isEmpty);
  if (way === "graphic") return graphic(image, ground);
  return way === "product" ? { ground: way, ...(await combine(image, found, alpha, reduced, small(image))), shade } : byNetwork;
}

async function graphic(image, ground) {
  const shade = findShade(image, ground);
  return { ground: "graphic", ...(await unmix(image, ground, shade)), shade };
}
