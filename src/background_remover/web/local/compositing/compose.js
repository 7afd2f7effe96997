/** The finished picture of alpha and colours: outline, shadow, crop, canvas and background, as the server composes it. */

import { blurredLevels } from "../arrays/blur.js";
import { subjectBox, widened } from "../arrays/box.js";
import { cropped } from "../arrays/parts.js";
import { plane, rounded } from "../arrays/size.js";
import { LocalFailure } from "../failure.js";
import { decode } from "../imaging/decode.js";
import { continued } from "../imaging/transparency.js";
import { readBackground, readOutline } from "../parameters/background.js";
import { canvasSize, offset, pixels, position } from "../parameters/lengths.js";
import { gradient } from "./gradient.js";
import { clearTransparent, fitted, isOpaque, layer, over, place, resized, solid } from "./layers.js";
import { outline } from "./outline.js";
import { placed, readPlace } from "./placement.js";
import { castShadow, shadowOf } from "./shadow.js";

/** Whether colours in sRGB are added to the picture's own. */
export function addsColours({ background, outline: band, remove_colour: removed }, file) {
  return Boolean(file || band || removed || background !== "none");
}

/**
 * Return the subject on its canvas over its background, RGBA bytes, with `isOpaque` where nothing shows through that.
 *
 * `cutout` are the subject's own colours with its alpha, which is `alpha` too, `shade` the shadow that it casts in the
 * picture, or null, `picture` what it was cut out of and `file` a picture to be put behind, or null. Throws `LocalFailure`.
 */
export async function composed(cutout, { alpha, shade }, picture, options, file) {
  let made = withOutline(cutout, alpha, options);
  if (shade) made = over(made, castShadow(shade, made));
  let box = { top: 0, left: 0, bottom: made.height, right: made.width };
  const canvas = canvasSize(options.canvas);
  const placement = readPlace(options.place, canvas ?? alpha);
  if (options.crop || canvas || placement) {
    box = subjectBox(options.outline ? opacityOf(made) : alpha);
    box = widened(box, pixels(options.margin, Math.max(box.bottom - box.top, box.right - box.left)), alpha);
    made = cropped(made, box);
  }
  if (placement) {
    const factor = placement.factor * (canvas ? sizeOn(canvas, made, options).height / made.height : 1);
    made = placed(made, canvas ?? alpha, { ...placement, factor });
    if (!canvas) box = { top: 0, left: 0, bottom: alpha.height, right: alpha.width };
  } else if (canvas) {
    made = onCanvas(made, canvas, options);
  }
  if (options.shadow) made = over(made, shadowBehind(made, options));
  const behind = await backgroundOf(picture, box, made, options, file);
  const isFilled = behind !== null && isOpaque(behind);
  if (behind) made = over(made, behind);
  clearTransparent(made);
  return { ...made, isOpaque: isFilled };
}

function withOutline(cutout, alpha, options) {
  const wanted = readOutline(options.outline);
  if (!wanted) return cutout;
  const { top, left, bottom, right } = subjectBox(alpha);
  return over(cutout, outline(cutout, pixels(wanted.width, Math.max(bottom - top, right - left)), wanted.colour));
}

function opacityOf({ data, height, width }) {
  const made = plane({ height, width });
  for (let at = 0; at < made.data.length; at += 1) made.data[at] = data[at * 4 + 3] / 255;
  return made;
}

/** The subject resized, in its aspect ratio, to fill at most so much of a transparent canvas. */
function onCanvas(subject, canvas, options) {
  const size = sizeOn(canvas, subject, options);
  const { down, along } = position(options.position);
  const made = layer(canvas);
  place(resized(subject, size), made, rounded((canvas.height - size.height) * down), rounded((canvas.width - size.width) * along));
  return made;
}

function sizeOn(canvas, { height, width }, { scale }) {
  const factor = scale * Math.min(canvas.height / height, canvas.width / width);
  return { height: Math.max(1, rounded(height * factor)), width: Math.max(1, rounded(width * factor)) };
}

function shadowBehind(cutout, options) {
  const longer = Math.max(cutout.height, cutout.width);
  const radius = pixels(options.shadow_blur, longer);
  return shadowOf(cutout, options.shadow_kind, offset(options.shadow_offset, longer), radius, options.shadow_opacity);
}

/** The background at the size of a layer; the picture's own blur is cropped to the same box as the subject. */
async function backgroundOf(picture, box, { height, width }, options, file) {
  const size = { height, width };
  if (file) return fitted(await opaque(file), size, options.background_fit);
  const { colour, gradient: between, blur } = readBackground(options.background);
  if (colour) return solid(colour, size);
  if (between) return gradient(between, size);
  if (!blur) return null;
  const own = opaqueCopy(continued(picture.image, picture.opacity));
  return fitted(cropped(blurredLevels(own, blur), box), size, options.background_fit);
}

async function opaque(file) {
  const { image, opacity } = await decode(file, "background");
  if (opacity) throw new LocalFailure("refused", "background: a picture with transparent pixels; give an opaque picture");
  return image;
}

function opaqueCopy(image) {
  const data = image.data.slice();
  for (let at = 3; at < data.length; at += 4) data[at] = 255;
  return { ...image, data };
}
