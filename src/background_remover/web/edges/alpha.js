/** The alpha of a stroke's part at full size, by a guided filter, from the one that the server found at a reduced size. */

import { boxAny } from "../local/arrays/box-filter.js";
import { enlargement } from "../local/arrays/enlarge.js";
import { boxes } from "../local/arrays/parts.js";
import { plane } from "../local/arrays/size.js";
import { applied, filterParts } from "../local/matting/guided-filter.js";
import { UNKNOWN } from "./trimap.js";

const RADIUS = 3; // of the windows in which alpha is a linear function of the colour, in pixels of the reduced size
const SIDE = 128; // of the squares that are worked out at once, in pixels

/**
 * Where the alpha of a reduced part is a linear function of the colour, that function (He and Sun, "Fast Guided Filter",
 * arXiv 1505.00996): the picture's own colours give the detail.
 */
export class LinearAlpha {
  #functions;
  #row;

  /**
   * `image` are the reduced part's pixels, an `ImageData`, `trimap` its trimap and `mask` the levels of its alpha as RGBA
   * bytes; `size` is that of the whole.
   */
  constructor(image, trimap, mask, size) {
    const [alpha, unknown] = [plane(trimap), plane(trimap, new Uint8Array(trimap.levels.length))];
    for (let at = 0; at < trimap.levels.length; at++) {
      alpha.data[at] = mask[4 * at] / 255;
      if (trimap.levels[at] === UNKNOWN) unknown.data[at] = 1;
    }
    this.#functions = functionsOf({ ...plane(trimap, image.data), channels: 4 }, alpha, boxAny(unknown, 1));
    this.#row = enlargement(trimap, size);
  }

  /** Makes the unknown levels of a band's trimap, in `runs`, those of its alpha; `data` are the band's RGBA bytes. */
  write(levels, data, { x, y, width }, runs) {
    const line = this.#functions.map(() => new Float32Array(width));
    for (let run = 0; run < runs.length; run += 2) {
      const [first, end] = [runs[run], runs[run + 1]];
      const row = Math.floor(first / width);
      const left = x - row * width;
      this.#row(this.#functions, y + row, left + first, left + end, line);
      writeRun(levels, data, first, end, line);
    }
  }
}

/** Its loop is a function of its own, as others here: a browser makes code of that soon, and of a loop within another late. */
function writeRun(levels, data, first, end, line) {
  for (let at = first; at < end; at++) levels[at] = Math.round(255 * applied(line, at - first, data, 4 * at));
}

/** The functions of an image's levels that give an alpha where it is wanted, and near enough the alpha elsewhere. */
function functionsOf(image, alpha, wanted) {
  const functions = Array.from({ length: 4 }, () => new Float32Array(alpha.data.length));
  functions[3].set(alpha.data);
  const result = plane(alpha, alpha.data.slice());
  filterParts({ image, alpha, wanted, radius: RADIUS, result, functions }, boxes(wanted, SIDE));
  return functions;
}
