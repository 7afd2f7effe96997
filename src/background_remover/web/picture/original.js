/** The original picture: decoded by the browser, or by the server where the browser can't. */

import { decode, hasTransparency } from "../drawing/canvas.js";
import { png } from "../drawing/encoding.js";

const OPAQUE = new Set(["image/jpeg", "image/bmp"]);

/**
 * `{ canvas, size, isTransparent, isNeeded }` of a file, upright: whether it is transparent somewhere, and whether a
 * picture that is painted on needs the canvas also while it isn't shown.
 */
export async function read(file) {
  const { canvas, size } = await decode(file);
  const isTransparent = !OPAQUE.has(file.type) && hasTransparency(canvas);
  return { canvas, size, isTransparent, isNeeded: isTransparent };
}

/** The same of a file that only the server can read: it gives all of it, `ask(mask)`, where the mask is all white. */
export async function readByServer(cutout, ask) {
  const { canvas: mask } = await decode(cutout);
  const context = mask.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, mask.width, mask.height);
  const { blob } = await ask(await png(mask));
  const { canvas, size } = await decode(blob);
  return { canvas, size, isTransparent: hasTransparency(canvas), isNeeded: true };
}
