/** The visible part of a picture: all of it, or the subject's box, as the server crops. */

import { visibleBox } from "../drawing/canvas.js";
import { outlineWidth } from "./settings.js";

/** A picture's frame, `{ x, y, width, height }`, where `box` is that of its subject, or null where nothing is cropped. */
export function frameOf(box, settings, { width, height }) {
  if (!box) return { x: 0, y: 0, width, height };
  const around = outlined(box, settings, { width, height });
  const margin = Math.round((settings.margin * Math.max(around.width, around.height)) / 100);
  return widened(around, margin, width, height);
}

/** What is measured of a cutout: the box around what can be seen, and the width and height of all. */
export function measured(cutout) {
  return { box: visibleBox(cutout), width: cutout.width, height: cutout.height };
}

/** The box of a subject with its outline, within a picture of this size. */
export function outlined(box, settings, { width, height }) {
  return widened(box, Math.round(outlineWidth(settings, box)), width, height);
}

function widened(box, by, width, height) {
  const x = Math.max(box.x - by, 0);
  const y = Math.max(box.y - by, 0);
  const right = Math.min(box.x + box.width + by, width);
  const bottom = Math.min(box.y + box.height + by, height);
  return { x, y, width: right - x, height: bottom - y };
}
