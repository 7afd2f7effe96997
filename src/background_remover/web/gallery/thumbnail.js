/** A thumbnail of a picture as it will be saved: with background, shadow, outline and crop. */

import { canvas } from "../drawing/canvas.js";
import { Staging } from "../drawing/staging.js";
import { frameOf, measured } from "../picture/frame.js";
import { hasLayout, layoutOf } from "../picture/layout.js";

const SIDE = 320; // pixels of the longer side, at most

/** Draws a picture's result into a canvas element, which takes its proportions; before there is one, the original. */
export function drawThumbnail(element, picture) {
  const small = miniature(picture);
  const { frame } = small;
  const scale = Math.min(SIDE / Math.max(frame.width, frame.height), 1);
  const { width, height } = canvas(frame.width * scale, frame.height * scale);
  Object.assign(element, { width, height });
  const context = element.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.setTransform(scale, 0, 0, scale, -frame.x * scale, -frame.y * scale);
  const drawCutout = () => context.drawImage(small.cutout, 0, 0);
  if (small.isCutOut) new Staging().draw(context, small, drawCutout);
  else drawCutout();
}

/** What thumbnails of a picture depend on: they are equal where it is. */
export function looksOf({ thumb, settings }) {
  return [thumb, settings];
}

/** A picture like this one, as far as it is drawn, that consists of its thumbnails. */
function miniature({ thumb, size, settings, version }) {
  const isCutOut = Boolean(thumb.cutout);
  const { original, cutout = original } = thumb;
  const found = isCutOut ? measured(cutout) : null;
  const layout = found && hasLayout(settings) ? layoutOf({ settings, size: size ?? cutout }, found) : null;
  const box = found?.box ?? null;
  const frame = layout?.frame ?? frameOf(settings.crop ? box : null, settings, cutout);
  const longer = Math.max(cutout.width, cutout.height);
  return { isCutOut, settings, version, original, cutout, small: { original, cutout }, box, layout, frame, longer };
}
