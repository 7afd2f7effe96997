/** Layers of RGBA bytes with straight alpha, `{ data, height, width, channels }`: one over another, of a colour, of a picture. */

import { resize } from "../arrays/resample.js";
import { rounded } from "../arrays/size.js";

/** An empty layer. */
export function layer({ height, width }) {
  return { data: new Uint8Array(height * width * 4), height, width, channels: 4 };
}

/** A layer of one colour, four levels. */
export function solid(colour, size) {
  const made = layer(size);
  for (let at = 0; at < made.data.length; at += 4) made.data.set(colour, at);
  return made;
}

/** Puts one layer over another, in the place of the lower one, which is returned: Porter and Duff's "over". */
export function over(top, bottom) {
  const [source, target] = [top.data, new Uint8ClampedArray(bottom.data.buffer)]; // which rounds halves to even
  for (let at = 0; at < source.length; at += 4) {
    const alpha = source[at + 3];
    if (!alpha) continue;
    const share = alpha / 255;
    const rest = (target[at + 3] / 255) * (1 - share);
    const opacity = share + rest;
    for (let channel = at; channel < at + 3; channel += 1) {
      target[channel] = alpha === 255 ? source[channel] : (share * source[channel] + rest * target[channel]) / opacity;
    }
    target[at + 3] = opacity * 255;
  }
  return bottom;
}

/** Whether no pixel of a layer is transparent. */
export function isOpaque({ data }) {
  for (let at = 3; at < data.length; at += 4) if (data[at] < 255) return false;
  return true;
}

/** Sets the colours of transparent pixels to 0, in place. */
export function clearTransparent({ data }) {
  const words = new Uint32Array(data.buffer);
  for (let at = 0; at < words.length; at += 1) if (!data[at * 4 + 3]) words[at] = 0;
}

/** Resizes a layer, bicubic, to Pillow's values: colours are weighted by the alpha. */
export function resized(image, size) {
  return straight(resize(multiplied(image), size, "bicubic"));
}

/** A layer with colours multiplied by the alpha, to Pillow's values. */
export function multiplied(image) {
  const data = image.data.slice();
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] === 255) continue;
    for (let channel = at; channel < at + 3; channel += 1) {
      const product = data[channel] * data[at + 3] + 128;
      data[channel] = ((product >> 8) + product) >> 8;
    }
  }
  return { ...image, data };
}

/** The same with colours divided by the alpha again, in place. */
export function straight(image) {
  const { data } = image;
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3];
    if (alpha === 0 || alpha === 255) continue;
    for (let channel = at; channel < at + 3; channel += 1) data[channel] = Math.min(255, Math.floor((255 * data[channel]) / alpha));
  }
  return image;
}

/** Returns an opaque picture resized to fill a canvas: "cover", "contain" (the rest transparent) or "stretch". */
export function fitted(image, size, fit) {
  const sides = [size.width / image.width, size.height / image.height];
  if (fit === "contain") return contained(image, size, Math.min(...sides));
  if (fit === "stretch") return resize(image, size, "bicubic");
  const most = Math.max(...sides);
  const [wide, high] = [size.width / most, size.height / most];
  const [left, top] = [Math.max((image.width - wide) / 2, 0), Math.max((image.height - high) / 2, 0)];
  return resize(image, size, "bicubic", [left, top, Math.min(left + wide, image.width), Math.min(top + high, image.height)]);
}

function contained(image, size, factor) {
  const inner = { height: Math.max(1, rounded(image.height * factor)), width: Math.max(1, rounded(image.width * factor)) };
  const made = layer(size);
  place(resize(image, inner, "bicubic"), made, Math.floor((size.height - inner.height) / 2), Math.floor((size.width - inner.width) / 2));
  return made;
}

/** Copies a layer into another at a row and a column, where it lies inside. */
export function place({ data, height, width }, target, top, left) {
  const [first, last] = [Math.max(left, 0), Math.min(left + width, target.width)];
  for (let y = Math.max(top, 0); y < Math.min(top + height, target.height); y += 1) {
    const start = ((y - top) * width + first - left) * 4;
    target.data.set(data.subarray(start, start + (last - first) * 4), (y * target.width + first) * 4);
  }
}
