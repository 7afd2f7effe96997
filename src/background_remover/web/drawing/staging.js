/** Draws a result on the page: the cutout over its scene, on the canvas if it has one. */

import { canvas } from "./canvas.js";
import { Scene } from "./scene.js";

const FINEST = 1600; // longer side of the layer that shadows are made of

/** Draws results of pictures. */
export class Staging {
  #scene = new Scene();
  #kept = null; // the last layer, `{ parts, made }`

  /**
   * Draws a result in pixels of the picture; `drawCutout()` draws its cutout there, as sharp as is needed. Where it isn't
   * placed, the subject stays where it is in the picture.
   */
  draw(context, picture, drawCutout, isPlaced = true) {
    const layout = picture.layout && { ...picture.layout, ...(isPlaced ? {} : { matrix: null }) };
    if (!layout) {
      this.#scene.draw(context, picture);
      return drawCutout();
    }
    const { frame } = layout;
    context.save();
    context.translate(frame.x, frame.y);
    this.#scene.draw(context, this.#standIn(picture, layout));
    context.restore();
    return this.#drawSubject(context, picture, layout, drawCutout);
  }

  /** Draws what the canvas takes of the cutout over its outline, in pixels of the picture, where it is placed. */
  #drawSubject(context, picture, { box: { x, y, width, height }, matrix }, drawCutout) {
    context.save();
    if (matrix) context.transform(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f);
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    this.#scene.drawOutline(context, picture);
    drawCutout();
    context.restore();
  }

  /** What a scene is drawn for in place of a picture: the canvas, in whose pixels the subject and its outline are one layer. */
  #standIn(picture, layout) {
    const { version, longer, original, small } = picture;
    const { frame, box, behind } = layout;
    const layer = picture.settings.shadow ? this.#layer(picture, layout) : small.cutout; // which only shadows are made of
    return {
      version,
      longer,
      original,
      settings: { ...picture.settings, outline: false },
      small: { original: small.original, cutout: layer },
      cutout: { width: frame.width, height: frame.height },
      frame: { ...frame, x: 0, y: 0 },
      box: { ...box, x: box.x - frame.x, y: box.y - frame.y },
      area: coverOf(behind, frame, original),
    };
  }

  #layer(picture, layout) {
    const { small, version, settings } = picture;
    const { frame, matrix } = layout;
    const parts = [small.cutout, version, settings.outline && settings.outlineWidth, settings.outlineColour];
    parts.push(frame.x, frame.y, frame.width, frame.height, matrix && `${matrix}`);
    if (this.#kept?.parts.every((part, index) => part === parts[index])) return this.#kept.made;
    const factor = Math.min(1, FINEST / Math.max(frame.width, frame.height));
    const made = canvas(frame.width * factor, frame.height * factor);
    const context = made.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.setTransform(factor, 0, 0, factor, -frame.x * factor, -frame.y * factor);
    const { width, height } = picture.cutout;
    this.#drawSubject(context, picture, layout, () => context.drawImage(small.cutout, 0, 0, width, height));
    this.#kept = { parts, made };
    return made;
  }
}

/** Where all of a picture is drawn so that its part in a box covers a frame, in pixels of the frame. */
function coverOf(box, frame, { width, height }) {
  const factor = Math.max(frame.width / box.width, frame.height / box.height);
  const x = frame.width / 2 - (box.x + box.width / 2) * factor;
  const y = frame.height / 2 - (box.y + box.height / 2) * factor;
  return { x, y, width: width * factor, height: height * factor };
}
