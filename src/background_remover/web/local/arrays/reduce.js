/** Reduces samples by area means, to the values of the server's NumPy function. */

import { resize } from "./resample.js";

/** Return the means of whole squares of `step` pixels; those that reach over an edge repeat the last row or column. */
function blocks(samples, { height, width, channels }, step) {
  const size = { height: Math.ceil(height / step), width: Math.ceil(width / step), channels };
  const made = new samples.constructor(size.height * size.width * channels);
  const half = samples instanceof Uint8Array ? Math.floor(step ** 2 / 2) : 0;
  const sums = new Float64Array(size.width * channels);
  for (let y = 0; y < size.height; y += 1) {
    sums.fill(half);
    for (let row = y * step; row < (y + 1) * step; row += 1) {
      const start = Math.min(row, height - 1) * width;
      for (let x = 0; x < size.width * step; x += 1) {
        const from = (start + Math.min(x, width - 1)) * channels;
        const to = Math.floor(x / step) * channels;
        for (let channel = 0; channel < channels; channel += 1) sums[to + channel] += samples[from + channel];
      }
    }
    for (let x = 0; x < sums.length; x += 1) made[y * sums.length + x] = sums[x] / step ** 2;
  }
  return [made, size];
}

/** Return samples (Uint8Array or Float32Array, sizes as for `resize`) reduced by area means. */
export function shrink(samples, from, to) {
  const step = Math.min(Math.floor(from.height / to.height), Math.floor(from.width / to.width));
  if (step < 2) return resize(samples, from, to, "box");
  const [means, size] = blocks(samples, from, step);
  return resize(means, size, to, "hamming", [0, 0, from.width / step, from.height / step]);
}
