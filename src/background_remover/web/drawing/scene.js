/** What lies behind a cutout on the page, with its outline: an approximation of the server's, drawn at once. */

import { sceneNamed } from "../files/scenes.js";
import { gradientIn } from "./gradient.js";
import { band } from "./outline.js";
import { shadowOf, softened } from "./shadow.js";
import { blurRadius, outlineWidth } from "../picture/settings.js";

/** The layers behind pictures; each is made once for as long as what it depends on stays. */
export class Scene {
  #kept = new Map();

  /** Draws background, shadow and outline in pixels of the picture; its frame is clipped already. Not the chequerboard. */
  draw(context, picture) {
    const { settings, frame } = picture;
    if (settings.background === "colour" || settings.background === "gradient") {
      const { colour, gradient } = settings;
      context.fillStyle = settings.background === "colour" ? colour : gradientIn(context, gradient, frame);
      context.fillRect(frame.x, frame.y, frame.width, frame.height);
    } else if (settings.background === "scene" && sceneNamed(settings.scene)) {
      cover(context, sceneNamed(settings.scene).bitmap, frame);
    } else if (settings.background === "picture" && settings.picture) {
      cover(context, settings.picture.bitmap, frame);
    } else if (settings.background === "blur") {
      const { x = 0, y = 0, width, height } = picture.area ?? picture.original;
      context.drawImage(this.#blur(picture), x, y, width, height);
    }
    const outline = settings.outline ? this.#outline(picture) : null;
    if (settings.shadow) this.#drawShadow(context, picture, outline ?? picture.small.cutout);
    if (outline) context.drawImage(outline, 0, 0, picture.cutout.width, picture.cutout.height);
  }

  /** Draws the outline alone, if there is one. */
  drawOutline(context, picture) {
    const { cutout, settings } = picture;
    if (settings.outline) context.drawImage(this.#outline(picture), 0, 0, cutout.width, cutout.height);
  }

  #outline(picture) {
    const source = picture.small.cutout;
    const { outlineColour } = picture.settings;
    const radius = outlineWidth(picture.settings, picture.box) * (longer(source) / longer(picture.cutout));
    return this.#once("outline", [source, picture.version, radius, outlineColour], () => band(source, radius, outlineColour));
  }

  #blur(picture) {
    const source = picture.small.original;
    const radius = blurRadius(picture.settings, picture.longer) * (longer(source) / picture.longer);
    return this.#once("blur", [source, radius], () => softened(source, radius));
  }

  #drawShadow(context, picture, source) {
    const { shadowKind, shadowBlur, shadowRight, shadowDown } = picture.settings;
    const reduced = longer(source) / longer(picture.cutout);
    const share = (longer(picture.frame) * reduced) / 100; // of the frame, as drawn here
    const bottom = (picture.frame.y + picture.frame.height) * reduced;
    const parts = [source, picture.version, share, bottom, shadowKind, shadowBlur, shadowRight, shadowDown];
    const soft = this.#once("shadow", parts, () => {
      return shadowOf(source, shadowKind, { right: shadowRight * share, down: shadowDown * share }, shadowBlur * share, bottom);
    });
    context.globalAlpha = picture.settings.shadowOpacity;
    context.drawImage(soft, 0, 0, picture.cutout.width, picture.cutout.height);
    context.globalAlpha = 1;
  }

  #once(name, parts, make) {
    const kept = this.#kept.get(name);
    if (kept && kept.parts.every((part, index) => part === parts[index])) return kept.made;
    const made = make();
    this.#kept.set(name, { parts, made });
    return made;
  }
}

function longer({ width, height }) {
  return Math.max(width, height);
}

/** Draws a picture so that it fills the frame, its middle in the frame's middle. */
function cover(context, bitmap, frame) {
  const factor = Math.max(frame.width / bitmap.width, frame.height / bitmap.height);
  const width = bitmap.width * factor;
  const height = bitmap.height * factor;
  context.drawImage(bitmap, frame.x + (frame.width - width) / 2, frame.y + (frame.height - height) / 2, width, height);
}
