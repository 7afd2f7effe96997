/** Gaussian blurs: of float32 planes by three box filters, and of levels by the very bytes of Pillow's. */

import { boxSum } from "./box-filter.js";
import { plane } from "./size.js";

const PASSES = 3;
const ONE = 2 ** 24; // of Pillow's fixed-point weights

/** Return a plane blurred by so many pixels of standard deviation; at the border means are over the pixels inside. */
export function blur(array, deviation) {
  const variance = Math.min(deviation, Math.max(array.height, array.width) + 1) ** 2 / PASSES;
  const radius = Math.trunc((Math.sqrt(12 * variance + 1) - 1) / 2);
  const [low, high] = [(radius * (radius + 1)) / 3, ((radius + 1) * (radius + 2)) / 3];
  const share = (variance - low) / (high - low);
  for (let pass = 0; pass < PASSES; pass += 1) {
    const [near, far] = [means(array, radius), means(array, radius + 1)];
    array = plane(array, near.map((value, at) => value * (1 - share) + far[at] * share));
  }
  return array;
}

function means(array, radius) {
  const { data, height, width } = boxSum(array, radius);
  const count = (length) => Float32Array.from({ length }, (_, at) => Math.min(at + radius + 1, length) - Math.max(at - radius, 0));
  const [down, along] = [count(height), count(width)];
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) data[at] /= down[y] * along[x];
  }
  return data;
}

/** Return RGBA bytes blurred, by three extended box filters along rows and down columns: Pillow's `GaussianBlur`. */
export function blurredLevels(image, deviation) {
  const { height, width } = image;
  const made = { ...image, data: image.data.slice() };
  const radius = extended(deviation);
  const lines = [new Uint8Array(Math.max(height, width)), new Uint8Array(Math.max(height, width))];
  for (let channel = 0; channel < 3; channel += 1) {
    for (let y = 0; y < height; y += 1) blurLine(made.data, { start: y * width * 4 + channel, step: 4, length: width }, radius, lines);
    for (let x = 0; x < width; x += 1) blurLine(made.data, { start: x * 4 + channel, step: width * 4, length: height }, radius, lines);
  }
  return made;
}

/** The radius, with a fraction, of boxes whose variances add up to a Gaussian's. */
function extended(deviation) {
  const variance = deviation ** 2 / PASSES;
  const whole = Math.floor((Math.sqrt(12 * variance + 1) - 1) / 2);
  const share = ((2 * whole + 1) * (whole * (whole + 1) - 3 * variance)) / (6 * (variance - (whole + 1) ** 2));
  return whole + share;
}

function blurLine(data, { start, step, length }, floating, [line, other]) {
  const radius = Math.trunc(floating);
  const inner = Math.trunc(ONE / (floating * 2 + 1));
  const outer = Math.trunc((ONE - (radius * 2 + 1) * inner) / 2);
  const at = (x) => line[x < 0 ? 0 : x >= length ? length - 1 : x];
  for (let x = 0; x < length; x += 1) line[x] = data[start + x * step];
  for (let pass = 0; pass < PASSES; pass += 1) {
    let sum = 0;
    for (let x = -radius; x < radius; x += 1) sum += at(x);
    for (let x = 0; x < length; x += 1) {
      sum += at(x + radius);
      other[x] = Math.trunc((sum * inner + (at(x - radius - 1) + at(x + radius + 1)) * outer + ONE / 2) / ONE);
      sum -= at(x - radius);
    }
    [line, other] = [other, line];
  }
  for (let x = 0; x < length; x += 1) data[start + x * step] = line[x];
}
