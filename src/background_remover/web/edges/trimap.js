/** The trimap of a stroke's part: what the stroke says, what is there already, and between the two what is unknown. */

import { copy } from "../drawing/canvas.js";
import { CORE, draw, layer, reachOf } from "../drawing/stroke.js";

const FINEST = 2048; // longest side of a trimap
const SURE = 250; // an alpha of so much is kept by "keep", and one as far from the other end by "erase"
export const UNKNOWN = 128;
const WANTED = { keep: 255, erase: 0, refine: UNKNOWN }; // levels of a trimap within a stroke

/**
 * The trimap of the part of a cutout in a stroke's box with the stroke in it, `{ levels, width, height }`: a byte of 0,
 * 128 or 255 for each pixel. Null where nothing is unknown.
 *
 * It is 128 around the stroke's border, but for what is there already: to keep never takes away, to erase never adds. Of
 * what is to be refined all is 128. `original` is given where it has transparent pixels.
 */
export function trimap(before, original, stroke, box) {
  const factor = Math.min(1, FINEST / Math.max(box.width, box.height));
  const width = Math.max(1, Math.round(before.width * factor));
  const height = Math.max(1, Math.round(before.height * factor));
  const levels = opacities(before, width, height);
  if (original) undoOpacity(levels, opacities(original, width, height));
  return mark(levels, zones(stroke, box, { width, height }), WANTED[stroke.mode]) ? { levels, width, height } : null;
}

/** The opacity of each pixel of a picture at another size. */
function opacities(source, width, height) {
  const { data } = copy(source, width, height).getContext("2d").getImageData(0, 0, width, height);
  const made = new Uint8Array(width * height);
  for (let at = 0, from = 3; at < made.length; at++, from += 4) made[at] = data[from];
  return made;
}

/** Takes the picture's own opacity out of the alpha: the server multiplies by it again. */
function undoOpacity(levels, own) {
  for (let at = 0; at < own.length; at++) levels[at] = own[at] ? Math.min(255, Math.round((levels[at] * 255) / own[at])) : 0;
}

/** Where a stroke lies in its box, as levels at the size of `frame`: alpha where it reaches, green in its core. */
function zones(stroke, box, frame) {
  const made = layer(box, frame, (context) => {
    draw(context, stroke, reachOf(stroke), "#f00");
    draw(context, stroke, stroke.radius * CORE, "#ff0");
  });
  return made.getContext("2d").getImageData(0, 0, frame.width, frame.height).data;
}

/** Makes the levels of an alpha those of a trimap, where the stroke wants 0, 128 or 255: whether any is unknown. */
function mark(levels, zone, wanted) {
  let isUnknown = false;
  for (let at = 0, from = 3; at < levels.length; at++, from += 4) {
    const isThere = (wanted === 255 && levels[at] >= SURE) || (wanted === 0 && levels[at] <= 255 - SURE);
    if (zone[from] < 128) levels[at] = levels[at] >= UNKNOWN ? 255 : 0;
    else levels[at] = zone[from - 2] >= 128 || isThere ? wanted : UNKNOWN;
    isUnknown ||= levels[at] === UNKNOWN;
  }
  return isUnknown;
}
