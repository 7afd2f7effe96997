/** The main colours of a picture, by median cut (Heckbert, "Color image quantization for frame buffer display", 1982). */

import { copy } from "./canvas.js";

const SIDE = 64; // pixels: the picture is looked at so small
const PARTS = 12; // as many as it is cut into; those that are alike are left out
const LEAST_SHARE = 0.01; // of the picture: what is less is the mixture along an edge
const LEAST_DISTANCE = 40; // levels between two colours that are both given
const kept = new WeakMap(); // canvas -> its colours

/** Up to `count` main colours "#rrggbb" of a canvas, the most frequent first. */
export function mainColours(source, count) {
  if (!kept.has(source)) kept.set(source, cut(pixelsOf(copy(source, SIDE, SIDE))));
  return kept.get(source).slice(0, count);
}

function pixelsOf(small) {
  const { data } = small.getContext("2d").getImageData(0, 0, small.width, small.height);
  const pixels = [];
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 127) pixels.push([data[at], data[at + 1], data[at + 2]]);
  return pixels;
}

/** The colours of a list of pixels [red, green, blue]. */
function cut(pixels) {
  const parts = pixels.length ? [pixels] : [];
  while (parts.length < PARTS) {
    const spans = parts.map((part) => part.length * widest(part).width);
    const index = spans.indexOf(Math.max(...spans));
    if (!(spans[index] > 0)) break; // every part is of one colour
    const { channel } = widest(parts[index]);
    const sorted = parts[index].toSorted((one, other) => one[channel] - other[channel]);
    parts.splice(index, 1, ...halves(sorted, channel));
  }
  const found = [];
  const large = parts.filter((part) => part.length >= LEAST_SHARE * pixels.length);
  for (const part of large.toSorted((one, other) => other.length - one.length)) {
    const colour = [0, 1, 2].map((channel) => Math.round(part.reduce((sum, pixel) => sum + pixel[channel], 0) / part.length));
    const isNew = found.every((other) => Math.hypot(...other.map((level, channel) => level - colour[channel])) >= LEAST_DISTANCE);
    if (isNew) found.push(colour);
  }
  return found.map((colour) => `#${colour.map((level) => level.toString(16).padStart(2, "0")).join("")}`);
}

/** Two halves of sorted pixels, between two that differ. */
function halves(sorted, channel) {
  const middle = sorted[sorted.length >> 1][channel];
  const first = sorted.findIndex((pixel) => pixel[channel] === middle);
  const border = first > 0 ? first : sorted.findIndex((pixel) => pixel[channel] > middle);
  return [sorted.slice(0, border), sorted.slice(border)];
}

/** The channel whose levels span most, and that span. */
function widest(part) {
  const widths = [0, 1, 2].map((channel) => {
    const levels = part.map((pixel) => pixel[channel]);
    return Math.max(...levels) - Math.min(...levels);
  });
  const width = Math.max(...widths);
  return { channel: widths.indexOf(width), width };
}
