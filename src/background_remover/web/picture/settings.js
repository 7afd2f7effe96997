/** The settings of a result: background, shadow, outline, crop and size; and their form fields. */

import { sceneNamed } from "../files/scenes.js";

/**
 * `background` is "none", "colour", "gradient", "scene", "picture" or "blur"; `blur`, `outlineWidth` and `margin` are in hundredths of a longer
 * side. `size` is "original" or a key of `SIZES` in `layout.js`; of a canvas the subject fills `fill` hundredths.
 */
export const DEFAULTS = Object.freeze({
  background: "none",
  colour: "#ffffff",
  gradient: Object.freeze({ start: "#fafafa", end: "#c9ccd1", angle: 180 }), // in degrees, as in CSS; null where it is radial
  scene: "studio", // the name of one in `files/scenes.js`
  picture: null, // { file, bitmap }
  blur: 2,
  shadow: false,
  shadowKind: "drop", // "contact" or "floating"
  shadowOpacity: 0.5,
  shadowBlur: 2, // these three are in hundredths of the longer side of what is shown
  shadowRight: 1,
  shadowDown: 2,
  outline: false,
  outlineWidth: 2,
  outlineColour: "#ffffff",
  crop: false,
  margin: 5,
  quality: 0, // of a lossy file, 1 to 100; 0 is what its format has by itself
  size: "original",
  canvasWidth: 1200, // of the size "custom", in pixels
  canvasHeight: 1200,
  fill: 90,
  position: "centre",
  place: null, // { x, y, scale, angle } in place of the position, see `restingPlace`
});

const MOST_BLUR = 1000; // pixels, the server's limit

/** The radius of the background's blur in pixels, for a picture of this longer side. */
export function blurRadius(settings, longer) {
  return Math.min(Math.max(Math.round((settings.blur * longer) / 100), 1), MOST_BLUR);
}

/** The width of the outline in pixels around a subject in this box; 0 without one. */
export function outlineWidth(settings, box) {
  return settings.outline ? (settings.outlineWidth * Math.max(box.width, box.height)) / 100 : 0;
}

/** Whether the result has transparent pixels. */
export function isTransparent(settings) {
  return settings.background === "none" || (settings.background === "picture" && !settings.picture);
}

/** The server's fields, `{ fields, background }`, for a picture of this longer side in this format; a scene has to be loaded. */
export function request(settings, format, longer) {
  const fields = { format };
  let background = null;
  if (settings.background === "colour") fields.background = settings.colour;
  else if (settings.background === "gradient") fields.background = gradientField(settings.gradient);
  else if (settings.background === "blur") fields.background = `blur:${blurRadius(settings, longer)}`;
  else if (settings.background === "scene") background = sceneNamed(settings.scene)?.file ?? null;
  else if (settings.background === "picture" && settings.picture) background = settings.picture.file;
  if (isTransparent(settings) && format === "jpg") fields.background = "white";
  if (settings.quality && format !== "png") fields.quality = String(settings.quality);
  if (settings.shadow) {
    fields.shadow = "true";
    fields.shadow_kind = settings.shadowKind;
    fields.shadow_opacity = String(settings.shadowOpacity);
    fields.shadow_blur = `${settings.shadowBlur}%`;
    fields.shadow_offset = `${settings.shadowRight}%,${settings.shadowDown}%`;
  }
  if (settings.outline) fields.outline = `${settings.outlineWidth}%,${settings.outlineColour}`;
  if (settings.crop && settings.size === "original" && !settings.place) {
    fields.crop = "true";
    fields.margin = `${settings.margin}%`;
  }
  return { fields, background };
}

function gradientField({ start, end, angle }) {
  return `gradient:${start},${end},${angle ?? "radial"}`;
}

/** A text that is equal for equal results. */
export function key(settings, format, longer) {
  const { fields, background } = request(settings, format, longer);
  return JSON.stringify([fields, background && [background.name, background.size, background.lastModified]]);
}
