/** Box filters over planes: sums and maxima over squares of side 2 radius + 1 around every pixel, zeros outside. */

import { plane } from "./size.js";

/** Return the sums over squares, of a plane of any numbers: float32. */
export function boxSum({ data, height, width }, radius) {
  const along = new Float64Array(height * width);
  for (let y = 0; y < height; y += 1) {
    const start = y * width;
    let sum = 0;
    for (let x = 0; x < Math.min(radius, width); x += 1) sum += data[start + x];
    for (let x = 0; x < width; x += 1) {
      if (x + radius < width) sum += data[start + x + radius];
      if (x > radius) sum -= data[start + x - radius - 1];
      along[start + x] = sum;
    }
  }
  return plane({ height, width }, downSums(along, height, width, radius));
}

function downSums(along, height, width, radius) {
  const made = new Float32Array(height * width);
  const sums = new Float64Array(width);
  for (let y = -radius; y < height; y += 1) {
    const [next, last] = [(y + radius) * width, (y - radius - 1) * width];
    if (y + radius < height) for (let x = 0; x < width; x += 1) sums[x] += along[next + x];
    if (y > radius) for (let x = 0; x < width; x += 1) sums[x] -= along[last + x];
    if (y >= 0) made.set(sums, y * width);
  }
  return made;
}

/** Return the maxima over squares, of a plane without negative numbers, in its type. */
export function boxMax({ data, height, width }, radius) {
  const made = data.slice();
  const longest = Math.max(height, width) + 4 * radius + 1;
  const scratch = [new data.constructor(longest), new data.constructor(longest)];
  for (let y = 0; y < height; y += 1) lineMax(made, { start: y * width, step: 1, length: width }, radius, scratch);
  for (let x = 0; x < width; x += 1) lineMax(made, { start: x, step: width, length: height }, radius, scratch);
  return plane({ height, width }, made);
}

/** Makes numbers in a line the maxima of their neighbours (van Herk, "A fast algorithm for local minimum and maximum filters", 1992). */
function lineMax(data, { start, step, length }, radius, [onward, back]) {
  const size = 2 * radius + 1;
  const full = Math.ceil((length + 2 * radius) / size) * size;
  for (let place = 0; place < full; place += 1) {
    const x = place - radius;
    const value = x >= 0 && x < length ? data[start + x * step] : 0;
    onward[place] = place % size && onward[place - 1] > value ? onward[place - 1] : value;
    back[place] = value;
  }
  for (let place = full - 2; place >= 0; place -= 1) {
    if ((place + 1) % size && back[place + 1] > back[place]) back[place] = back[place + 1];
  }
  for (let x = 0; x < length; x += 1) {
    const [one, other] = [back[x], onward[x + size - 1]];
    data[start + x * step] = one > other ? one : other;
  }
}

/** Return whether any number in the square around each is above 0, as bytes. */
export function boxAny({ data, height, width }, radius) {
  const made = new Uint8Array(height * width);
  const [along, until] = [new Uint8Array(width), new Int32Array(width).fill(-1)]; // the last row that a number above reaches
  for (let y = -radius; y < height; y += 1) {
    if (y + radius < height) {
      anyAlong(data, along, (y + radius) * width, width, radius);
      for (let x = 0; x < width; x += 1) if (along[x]) until[x] = y + 2 * radius;
    }
    if (y >= 0) for (let x = 0, at = y * width; x < width; x += 1, at += 1) made[at] = y <= until[x] ? 1 : 0;
  }
  return plane({ height, width }, made);
}

/** Makes bytes 1 where any number of the line that begins at `start` is above 0 within the radius. */
function anyAlong(data, made, start, width, radius) {
  let until = -1; // the last place that a number before reaches
  for (let x = 0; x < Math.min(radius, width); x += 1) if (data[start + x] > 0) until = x + radius;
  for (let x = 0; x < width; x += 1) {
    if (x + radius < width && data[start + x + radius] > 0) until = x + 2 * radius;
    made[x] = x <= until ? 1 : 0;
  }
}

/** Return the radius of the smallest square around each in which a number is above 0, `most` where it isn't smaller: bytes. */
export function boxRadius({ data, height, width }, most) {
  const made = plane({ height, width }, new Uint8Array(height * width));
  for (let at = 0; at < made.data.length; at += 1) made.data[at] = data[at] > 0 ? 0 : most;
  lowerRadii(made, 1);
  lowerRadii(made, -1);
  return made;
}

/** Makes radii at most one more than those of the neighbours before them, from the first corner (`step` 1) or the last one (-1). */
function lowerRadii({ data, height, width }, step) {
  let at = step > 0 ? 0 : data.length - 1;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += step) {
      let least = data[at] - 1;
      if (x > 0) least = Math.min(least, data[at - step]);
      if (y > 0) {
        const before = at - step * width;
        least = Math.min(least, data[before]);
        if (x > 0) least = Math.min(least, data[before - step]);
        if (x < width - 1) least = Math.min(least, data[before + step]);
      }
      data[at] = least + 1;
    }
  }
}
