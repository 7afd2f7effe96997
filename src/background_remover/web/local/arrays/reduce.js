/** Reduces arrays by means over whole squares, to the values of the server's NumPy function and of Pillow's `reduce`. */

import { resize } from "./resample.js";
import { isSameSize } from "./size.js";

/** The sums of whole blocks of `down` x `along` samples, row by row; those that reach over an edge repeat the last one. */
function blocks({ data, height, width, channels }, down, along, write) {
  const size = { height: Math.ceil(height / down), width: Math.ceil(width / along), channels };
  const Sums = data instanceof Float32Array ? Float64Array : Uint32Array;
  const sums = new Sums(size.width * channels);
  const row = new Sums(width * channels);
  for (let y = 0; y < size.height; y += 1) {
    row.fill(0);
    for (let line = y * down; line < (y + 1) * down; line += 1) {
      const start = Math.min(line, height - 1) * width * channels;
      for (let x = 0; x < row.length; x += 1) row[x] += data[start + x];
    }
    sums.fill(0);
    const whole = Math.floor(width / along);
    for (let x = 0, at = 0; x < whole * channels; x += channels) {
      for (let step = 0; step < along; step += 1) {
        for (let channel = 0; channel < channels; channel += 1, at += 1) sums[x + channel] += row[at];
      }
    }
    if (whole < size.width) {
      for (let x = whole * along; x < size.width * along; x += 1) {
        const at = Math.min(x, width - 1) * channels;
        for (let channel = 0; channel < channels; channel += 1) sums[whole * channels + channel] += row[at + channel];
      }
    }
    write(sums, y * sums.length);
  }
  return size;
}

function means(array, step) {
  const area = step ** 2;
  const half = array.data instanceof Float32Array ? 0 : Math.floor(area / 2);
  const length = Math.ceil(array.height / step) * Math.ceil(array.width / step) * array.channels;
  const data = new array.data.constructor(length);
  const isWhole = !(data instanceof Float32Array);
  const size = blocks(array, step, step, (sums, place) => {
    for (let x = 0; x < sums.length; x += 1) {
      const mean = (sums[x] + half) / area;
      data[place + x] = isWhole ? Math.floor(mean) : mean;
    }
  });
  return { data, ...size };
}

/** Return an array of bytes or of float32 numbers reduced by area means; the server's `shrink`. */
export function shrink(array, size) {
  const step = Math.min(Math.floor(array.height / size.height), Math.floor(array.width / size.width));
  if (step < 2) return resize(array, size, "box");
  return resize(means(array, step), size, "hamming", [0, 0, array.width / step, array.height / step]);
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
  return resize(pillowMeans(array, down, along), size, "bilinear", [0, 0, array.width / along, array.height / down]);
}

/** Pillow's `reduce`: a mean over less than a block where one reaches over an edge. */
function pillowMeans(array, down, along) {
  const { height, width, channels } = array;
  const size = { height: Math.ceil(height / down), width: Math.ceil(width / along) };
  const data = new Uint8Array(size.height * size.width * channels);
  const sums = new Float64Array(size.width * channels);
  for (let y = 0; y < size.height; y += 1) {
    const end = Math.min((y + 1) * down, height);
    sums.fill(0);
    for (let line = y * down; line < end; line += 1) addLine(array, line, along, sums);
    for (let x = 0; x < size.width; x += 1) {
      const count = (end - y * down) * (Math.min((x + 1) * along, width) - x * along);
      const factor = Math.floor(Math.fround(2 ** 32 / (256 * count))); // Pillow's fixed-point quotient
      for (let channel = 0, at = x * channels; channel < channels; channel += 1, at += 1) {
        data[y * sums.length + at] = Math.floor(((sums[at] + Math.floor(count / 2)) * factor) / 2 ** 24);
      }
    }
  }
  return { data, ...size, channels };
}

function addLine({ data, width, channels }, line, along, sums) {
  let at = line * width * channels;
  for (let left = 0, to = 0; left < width; left += along, to += channels) {
    const end = Math.min(left + along, width);
    for (let x = left; x < end; x += 1) {
      for (let channel = 0; channel < channels; channel += 1, at += 1) sums[to + channel] += data[at];
    }
  }
}
