/** What stands in for the colours that a picture's own transparency hides, which may be anything; as the server has it. */

import { boxAny, boxMax } from "../arrays/box-filter.js";
import { enlarge } from "../arrays/enlarge.js";
import { shrink } from "../arrays/reduce.js";
import { resize } from "../arrays/resample.js";
import { plane, rounded, where, within } from "../arrays/size.js";
import { quantile } from "../arrays/statistics.js";

export const SEEN = 1 / 8; // from this opacity on the network sees a pixel's colour in full
export const SAMPLE = 512; // the longest side at which the edge is examined, and hidden colours are made up
const GROUNDS = [255, 0, 128]; // levels of the greys that may stand behind
const FRAMED = 0.95; // of a picture that is visible: with more the rest is a frame, or rounded corners, of a photograph
const REACH = 3; // pixels of the sample around a hidden one that are the subject's edge
const LEAST = 1 / 16; // of a mean's weight: with less visible in it, 8 bits are too few
const LOW = 0.1; // quantile: a ground is as unlike an edge as it is unlike this share of its pixels

/** Return every so manieth pixel of a plane so that no side is above `SAMPLE`. */
export function sampled({ data, height, width }) {
  const step = Math.ceil(Math.max(height, width) / SAMPLE);
  const made = plane({ height: Math.ceil(height / step), width: Math.ceil(width / step) });
  for (let y = 0, at = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step, at += 1) made.data[at] = data[y * width + x];
  }
  return made;
}

/** Return the image as the network and matting are to see it, with a plain ground where it is transparent. */
export function shown(image, opacity) {
  if (!opacity) return image;
  const level = groundOf(image, opacity);
  const isFramed = opacity.data.reduce((sum, one) => sum + one, 0) / opacity.data.length >= FRAMED;
  const narrow = isFramed ? null : narrowOf(opacity);
  const isMadeUp = isFramed || narrow.some(Boolean);
  const behind = isMadeUp ? continued(image, opacity).data : null;
  const data = new Uint8Array(image.data.length);
  const clamped = new Uint8ClampedArray(data.buffer); // rounds halves to even
  for (let pixel = 0, at = 0; pixel < opacity.data.length; pixel += 1, at += 4) {
    const share = Math.min(opacity.data[pixel] / SEEN, 1);
    const useMadeUp = isFramed || narrow[pixel];
    for (let channel = 0; channel < 3; channel += 1) {
      clamped[at + channel] = image.data[at + channel] * share + (useMadeUp ? behind[at + channel] : level) * (1 - share);
    }
    data[at + 3] = 255;
  }
  return { ...image, data };
}

/** Return the image with its visible colours continued smoothly to where the opacity is 0. */
export function continued(image, opacity) {
  if (!opacity || opacity.data.every((one) => one > 0)) return image;
  const { height, width } = image;
  const { means, size } = pulled(image, opacity);
  const large = enlarge(means, size, image);
  const data = image.data.slice();
  for (let y = 0, pixel = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, pixel += 1) {
      if (opacity.data[pixel] > 0) continue;
      const mean = beside(image, opacity, y, x);
      for (let channel = 0; channel < 3; channel += 1) {
        data[pixel * 4 + channel] = rounded(mean ? mean[channel] : large[channel][pixel]);
      }
    }
  }
  return { ...image, data };
}

/** The mean of the visible among the nine pixels around one; null where there are none. */
function beside({ data, height, width }, opacity, row, column) {
  const sums = [0, 0, 0];
  let count = 0;
  for (let y = Math.max(row - 1, 0); y <= Math.min(row + 1, height - 1); y += 1) {
    for (let x = Math.max(column - 1, 0); x <= Math.min(column + 1, width - 1); x += 1) {
      const at = y * width + x;
      if (!(opacity.data[at] > 0)) continue;
      count += 1;
      for (let channel = 0; channel < 3; channel += 1) sums[channel] += data[at * 4 + channel];
    }
  }
  return count ? sums.map((sum) => sum / count) : null;
}

/** Where pixels that aren't seen in full lie in no square of three by three such pixels. */
function narrowOf(opacity) {
  const seen = where(opacity, (one) => one >= SEEN);
  const core = plane(opacity, boxAny(seen, 1).data.map((one) => 1 - one));
  const wide = boxAny(core, 1).data;
  return seen.data.map((one, at) => (one || wide[at] ? 0 : 1));
}

/** The level of the grey that is least like the visible colours beside hidden pixels. */
function groundOf(image, opacity) {
  const small = sampled(opacity);
  const step = Math.ceil(Math.max(image.height, image.width) / SAMPLE);
  const hidden = plane(small, small.data.map((one) => 1 - Math.min(one / SEEN, 1)));
  const near = boxMax(hidden, REACH).data;
  const distances = GROUNDS.map(() => []);
  for (let at = 0; at < near.length; at += 1) {
    if (!(near[at] > 0 && small.data[at] >= 0.5)) continue;
    const from = (Math.floor(at / small.width) * step * image.width + (at % small.width) * step) * 4;
    GROUNDS.forEach((level, index) => {
      const apart = [0, 1, 2].map((channel) => (image.data[from + channel] - level) ** 2);
      distances[index].push(apart[0] + apart[1] + apart[2]);
    });
  }
  if (!distances[0].length) return GROUNDS[0];
  const far = distances.map((one) => quantile(one, LOW));
  return GROUNDS[far.indexOf(Math.max(...far))];
}

/** The means of the visible colours in [0, 255], three Float32Arrays, with those around them where none is visible. */
function pulled(image, opacity) {
  const size = within(image, SAMPLE);
  const visible = plane(opacity, opacity.data.map((one) => (one > 0 ? 1 : 0)));
  const colours = new Uint8Array(image.data.length);
  for (let at = 0; at < colours.length; at += 1) if (visible.data[at >> 2]) colours[at] = image.data[at];
  const weight = shrink(visible, size);
  const sums = shrink({ ...image, data: colours }, size).data;
  weight.data.forEach((one, at) => (weight.data[at] = one < LEAST ? 0 : one));
  const planes = [0, 1, 2].map((channel) => weight.data.map((one, at) => (one > 0 ? sums[at * 4 + channel] : 0)));
  return { means: filled(planes, weight), size };
}

/** Sums of weighted colours as means; those without weight come from half the size (push-pull; "The Lumigraph", 1996). */
function filled(sums, weight) {
  const { height, width } = weight;
  const mean = (sum, at) => (weight.data[at] > 0 ? sum / weight.data[at] : 0);
  if (height * width === 1 || weight.data.every((one) => one > 0)) return sums.map((plane) => plane.map(mean));
  const half = { height: Math.max(height >> 1, 1), width: Math.max(width >> 1, 1) };
  const below = filled(sums.map((data) => resize(plane(weight, data), half, "box").data), resize(weight, half, "box"));
  const means = enlarge(below, half, weight);
  return sums.map((plane, index) => plane.map((sum, at) => (weight.data[at] > 0 ? sum / weight.data[at] : means[index][at])));
}
