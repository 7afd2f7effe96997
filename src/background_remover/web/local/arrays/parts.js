/** Parts of an array, `{ top, left, bottom, right }`, the ends not included: tiles, and boxes around what is true. */

import { nearest } from "./enlarge.js";

/** The squares of `side` that an array is divided into. */
export function* tiles({ height, width }, side) {
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side) {
      yield { top, left, bottom: Math.min(top + side, height), right: Math.min(left + side, width) };
    }
  }
}

/** Bands of `count` rows that an array is divided into. */
export function bands({ height, width }, count) {
  const made = [];
  for (let top = 0; top < height; top += count) made.push({ top, left: 0, bottom: Math.min(top + count, height), right: width });
  return made;
}

/** The least part of a line, from `left` to `right`, with all places of which a test is true: its first and its end. */
export function extentOf(isTrue, left, right) {
  while (left < right && !isTrue(left)) left += 1;
  while (left < right && !isTrue(right - 1)) right -= 1;
  return [left, right];
}

/** Of each square of `side` that a mask (bytes, 0 is false) is divided into the least part with all that is true in it. */
export function boxes(mask, side) {
  return [...tiles(mask, side)].map((tile) => extent(mask, tile)).filter(Boolean);
}

/** The least part of a tile with all that is true in it; null where nothing is. */
function extent({ data, width }, tile) {
  let { top, bottom, left, right } = { top: tile.bottom, bottom: tile.top, left: tile.right, right: tile.left };
  for (let y = tile.top; y < tile.bottom; y += 1) {
    for (let x = tile.left, at = y * width + x; x < tile.right; x += 1, at += 1) {
      if (!data[at]) continue;
      if (y < top) top = y;
      if (x < left) left = x;
      if (x >= right) right = x + 1;
      bottom = y + 1;
    }
  }
  return bottom > top ? { top, left, bottom, right } : null;
}

/** Parts of an array of `size`, in squares of about `side`, with all of what the nearest pixel of a smaller mask makes true. */
export function enlargedBoxes(mask, size, side) {
  const [rows, columns] = [nearest(mask.height, size.height), nearest(mask.width, size.width)];
  const small = Math.max(1, Math.floor((side * mask.height) / size.height));
  return boxes(mask, small)
    .map(({ top, left, bottom, right }) => ({
      top: place(rows, top),
      left: place(columns, left),
      bottom: place(rows, bottom),
      right: place(columns, right),
    }))
    .filter(({ top, left, bottom, right }) => top < bottom && left < right);
}

/** Where in rising numbers the first that isn't below a value stands. */
function place(numbers, value) {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A part with a margin, clipped to a size. */
export function around({ top, left, bottom, right }, margin, { height, width }) {
  return {
    top: Math.max(top - margin, 0),
    left: Math.max(left - margin, 0),
    bottom: Math.min(bottom + margin, height),
    right: Math.min(right + margin, width),
  };
}

/** The part of an array inside a box, as an array of its own. */
export function cropped({ data, width, channels }, { top, left, bottom, right }) {
  const row = (right - left) * channels;
  const made = new data.constructor((bottom - top) * row);
  for (let y = top; y < bottom; y += 1) {
    const start = (y * width + left) * channels;
    made.set(data.subarray(start, start + row), (y - top) * row);
  }
  return { data: made, height: bottom - top, width: right - left, channels };
}

/** An array mirrored from left to right. */
export function flipped({ data, height, width, channels }) {
  const made = new data.constructor(data.length);
  for (let y = 0, from = 0; y < height; y += 1) {
    for (let x = width - 1; x >= 0; x -= 1) {
      const to = (y * width + x) * channels;
      for (let channel = 0; channel < channels; channel += 1, from += 1) made[to + channel] = data[from];
    }
  }
  return { data: made, height, width, channels };
}
