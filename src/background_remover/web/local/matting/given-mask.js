/** An alpha given as a picture: a mask, a trimap, or an edited cutout. */

import { plane } from "../arrays/size.js";
import { LocalFailure } from "../failure.js";
import { decode } from "../imaging/decode.js";

const UNKNOWN = 128; // the level of a trimap's unknown pixels
const SLACK = 0.02; // how far the aspect ratios of a mask and its picture may differ

/** Return the alpha in a file for a picture of `size`, a plane in [0, 1] of its own size; throws `LocalFailure`. */
export async function alphaOf(file, size) {
  const { image, opacity } = await decode(file, "mask");
  const { height, width, data } = image;
  if (Math.abs((height * size.width) / (width * size.height) - 1) > SLACK + 1 / Math.min(height, width)) {
    throw new LocalFailure("refused", `mask: ${width}x${height} is of another shape than the picture, ${size.width}x${size.height}`);
  }
  if (opacity) return opacity;
  const made = plane({ height, width });
  for (let at = 0, from = 0; at < made.data.length; at += 1, from += 4) {
    if (data[from] !== data[from + 1] || data[from] !== data[from + 2]) {
      throw new LocalFailure("refused", "mask: a picture in colour is no mask; give a grey one, or one with transparency");
    }
    made.data[at] = data[from] / 255;
  }
  return made;
}

/** Return an alpha as a trimap of bytes, if its only levels are 0, 255 and, somewhere, 128; else null. */
export function trimapOf(alpha) {
  const levels = new Uint8Array(Uint8ClampedArray.from(alpha.data, (one) => one * 255).buffer);
  const isTrimap = levels.includes(UNKNOWN) && levels.every((one) => one === 0 || one === UNKNOWN || one === 255);
  return isTrimap ? plane(alpha, levels) : null;
}
