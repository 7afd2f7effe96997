/** Reduces arrays by means over whole squares, to the values of Pillow's `reduce`. */

import { resize } from "./resample.js";
import { isSameSize } from "./size.js";

/** Return an array of bytes or of float32 numbers reduced by area means; the server's `shrink`. */
export function shrink(array, size) {
  const step = Math.min(Math.floor(array.height / size.height), Math.floor(array.width / size.width));
  if (step < 2) return resize(array, size, "box");
  return resize(means(array, step, step), size, "hamming", [0, 0, array.width / step, array.height / step]);
}

/** Return an array reduced to `size`, or itself where it has that already. */
export function reduced(array, size) {
  return isSameSize(array, size) ? array : shrink(array, size);
}

/**
 * Return pixels resized with a bilinear kernel, first reduced by whole means to no less than `gap` times the new size.
 *
 * It is Pillow's `resize` of bytes with `reducing_gap`.
 */
export function resizeWithGap(array, size, gap) {
  const along = Math.max(Math.trunc(array.width / size.width / gap), 1);
  const down = Math.max(Math.trunc(array.height / size.height / gap), 1);
  if (along === 1 && down === 1) return resize(array, size, "bilinear");
  return resize(means(array, down, along), size, "bilinear", [0, 0, array.width / along, array.height / down]);
}

/** Pillow's `reduce`: a mean over less than a block where one reaches over an edge. */
function means(array, down, along) {
  const { data, height, channels } = array;
  const size = { height: Math.ceil(height / down), width: Math.ceil(array.width / along), channels };
  const made = new data.constructor(size.height * size.width * channels);
  const isRgba = channels === 4 && data.BYTES_PER_ELEMENT === 1 && data.byteOffset % 4 === 0;
  const row = isRgba ? rgbaRow : numbersRow;
  for (let y = 0; y < size.height; y += 1) {
    row(array, { top: y * down, bottom: Math.min((y + 1) * down, height) }, along, made, y * size.width * channels);
  }
  return { data: made, ...size };
}

/** Writes the means of a row of blocks of RGBA bytes, which are read in words of 32 bits. */
function rgbaRow({ data, width }, { top, bottom }, along, made, to) {
  const words = new Int32Array(data.buffer, data.byteOffset, data.length / 4);
  for (let left = 0; left < width; left += along, to += 4) {
    const right = Math.min(left + along, width);
    let red = 0;
    let green = 0;
    let blue = 0;
    let alpha = 0;
    for (let y = top; y < bottom; y += 1) {
      const end = y * width + right;
      for (let at = y * width + left; at < end; at += 1) {
        const word = words[at];
        red = (red + (word & 255)) | 0;
        green = (green + ((word >>> 8) & 255)) | 0;
        blue = (blue + ((word >>> 16) & 255)) | 0;
        alpha = (alpha + (word >>> 24)) | 0;
      }
    }
    const count = (bottom - top) * (right - left);
    const factor = factorOf(count);
    const half = count >> 1;
    made[to] = Math.imul(red + half, factor) >>> 24;
    made[to + 1] = Math.imul(green + half, factor) >>> 24;
    made[to + 2] = Math.imul(blue + half, factor) >>> 24;
    made[to + 3] = Math.imul(alpha + half, factor) >>> 24;
  }
}

/** The same of any bytes or float32 numbers. */
function numbersRow({ data, width, channels }, { top, bottom }, along, made, to) {
  const isBytes = data.BYTES_PER_ELEMENT === 1;
  for (let left = 0; left < width; left += along) {
    const right = Math.min(left + along, width);
    const count = (bottom - top) * (right - left);
    for (let channel = 0; channel < channels; channel += 1, to += 1) {
      let sum = 0;
      for (let y = top; y < bottom; y += 1) {
        const end = (y * width + right) * channels;
        for (let at = (y * width + left) * channels + channel; at < end; at += channels) sum += data[at];
      }
      made[to] = isBytes ? Math.imul(sum + (count >> 1), factorOf(count)) >>> 24 : sum * (1 / count);
    }
  }
}

/** The fixed-point factor by which Pillow divides a sum of so many bytes: the quotient begins at bit 24. */
function factorOf(count) {
  return Math.floor(Math.fround(2 ** 24 / count));
}
