/** A picture with the network's answers to its crops, on one grid (segmentation/crop_cache.py). */

import { widened } from "../arrays/box.js";
import { cropped } from "../arrays/parts.js";
import { resizeWithGap } from "../arrays/reduce.js";
import { resize } from "../arrays/resample.js";
import { plane, within } from "../arrays/size.js";
import { clipped } from "../matting/guided-filter.js";
import { flipAveraged } from "../segmentation/network.js";

export const LONGEST = 320; // the longer side of the grid that all answers are resized to, in pixels
const OWN = 352; // of a picture that is its own grid: reduced by so little, lines of a pixel would be lost for nothing
const GAP = 4; // see `resizeWithGap`

/** An image (bytes) with the answers to its crops, each computed once; clicks are `{ y, x }`. */
export class Crops {
  #runtime;
  #answers = new Map();
  #colours = null;

  constructor(image, runtime) {
    this.image = image;
    this.grid = Math.max(image.height, image.width) <= OWN ? { height: image.height, width: image.width } : within(image, LONGEST);
    this.whole = { top: 0, left: 0, bottom: image.height, right: image.width };
    this.#runtime = runtime;
  }

  /** The square box around a pixel whose side is a share of the picture's longer side, clipped to it. */
  around({ y, x }, share) {
    const box = { top: y, left: x, bottom: y + 1, right: x + 1 };
    return widened(box, (share * Math.max(this.image.height, this.image.width)) / 2, this.image);
  }

  /** The picture's colours on the grid, three Float32Arrays in [0, 1]. */
  get colours() {
    if (!this.#colours) {
      const { data, channels } = resizeWithGap(this.image, this.grid, GAP);
      const count = this.grid.height * this.grid.width;
      this.#colours = [0, 1, 2].map((i) => Float32Array.from({ length: count }, (_, at) => data[at * channels + i] / 255));
    }
    return this.#colours;
  }

  /** The alpha of a part of the picture on the grid, 0 outside the part: a flip average at so many pixels. */
  async answer(box, longest) {
    const key = [...Object.values(box), longest].join();
    if (!this.#answers.has(key)) this.#answers.set(key, await flipAveraged(cropped(this.image, box), this.#runtime, longest));
    const inner = this.onGrid(box);
    const size = { height: inner.bottom - inner.top, width: inner.right - inner.left };
    const part = clipped(resize(this.#answers.get(key), size, "bilinear"));
    const made = plane(this.grid);
    for (let y = 0; y < size.height; y += 1) {
      made.data.set(part.data.subarray(y * size.width, (y + 1) * size.width), (inner.top + y) * made.width + inner.left);
    }
    return made;
  }

  /** A box of the picture in pixels of the grid, at least one in both directions. */
  onGrid({ top, left, bottom, right }) {
    const [first, last] = [this.toGrid({ y: top, x: left }), this.toGrid({ y: bottom - 1, x: right - 1 })];
    return { top: first.y, left: first.x, bottom: last.y + 1, right: last.x + 1 };
  }

  /** The pixel of the grid in which a pixel of the picture lies. */
  toGrid({ y, x }) {
    const { height, width } = this.image;
    return { y: Math.floor((y * this.grid.height) / height), x: Math.floor((x * this.grid.width) / width) };
  }

  /** A box of the grid in pixels of the picture, rounded outwards. */
  fromGrid({ top, left, bottom, right }) {
    const { height, width } = this.image;
    const [down, along] = [height / this.grid.height, width / this.grid.width];
    return {
      top: Math.trunc(top * down),
      left: Math.trunc(left * along),
      bottom: Math.min(Math.ceil(bottom * down), height),
      right: Math.min(Math.ceil(right * along), width),
    };
  }
}

/** The values of a plane along the sides of a crop that aren't sides of the plane. */
export function innerBorder({ data, height, width }, { top, left, bottom, right }) {
  const found = [];
  const row = (y) => found.push(...data.subarray(y * width + left, y * width + right));
  const column = (x) => {
    for (let y = top; y < bottom; y += 1) found.push(data[y * width + x]);
  };
  if (top > 0) row(top);
  if (bottom < height) row(bottom - 1);
  if (left > 0) column(left);
  if (right < width) column(right - 1);
  return found;
}

/** The length of the gradient over all of some planes of a size: a Float32Array, 0 along a side of one pixel. */
export function steepness(planes, { height, width }) {
  const total = new Float32Array(height * width);
  for (const data of planes) {
    for (let y = 0, at = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, at += 1) {
        total[at] += slope(data, at, y, height, width) ** 2 + slope(data, at, x, width, 1) ** 2;
      }
    }
  }
  return total.map(Math.sqrt);
}

/** The difference of neighbours a `step` apart, for a value that is the `place`-th of `length`. */
function slope(data, at, place, length, step) {
  const [before, after] = [place > 0 ? 1 : 0, place < length - 1 ? 1 : 0];
  return before + after ? (data[at + after * step] - data[at - before * step]) / (before + after) : 0;
}

/** A mask of a size that is 1 in squares of side 2 radius + 1 around clicks. */
export function squares(size, clicks, radius) {
  const made = plane(size, new Uint8Array(size.height * size.width));
  for (const { y, x } of clicks) {
    for (let row = Math.max(y - radius, 0); row < Math.min(y + radius + 1, size.height); row += 1) {
      const start = row * size.width;
      made.data.fill(1, start + Math.max(x - radius, 0), start + Math.min(x + radius + 1, size.width));
    }
  }
  return made;
}
