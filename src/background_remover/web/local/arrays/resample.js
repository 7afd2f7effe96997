/** Resampling with antialiasing, to the same values as Pillow's `resize`. Arrays are `{ data, height, width, channels }`. */

const BITS = 22; // of the fraction in Pillow's fixed-point weights for bytes
const HALF = 2 ** (BITS - 1);

const KERNELS = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: hamming },
  bicubic: { support: 2, weight: bicubic },
};

function hamming(x) {
  const distance = Math.abs(x) * Math.PI;
  if (distance === 0) return 1;
  if (distance >= Math.PI) return 0;
  return (Math.sin(distance) / distance) * (0.54 + 0.46 * Math.cos(distance));
}

function bicubic(x) {
  const a = -0.5;
  const distance = Math.abs(x);
  if (distance < 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  if (distance < 2) return (((distance - 5) * distance + 8) * distance - 4) * a;
  return 0;
}

/**
 * The taps of each output sample of an interval [from, to] of the input: `{ count, most, firsts, counts, weights }`.
 *
 * `firsts` are the first samples and `counts` the numbers of weights, which are normalised, `most` apart.
 */
function taps(length, count, kernel, from, to, fixed) {
  const { support, weight } = KERNELS[kernel];
  const scale = (to - from) / count;
  const stretch = Math.max(scale, 1);
  const most = Math.ceil(support * stretch) * 2 + 1;
  const Weights = fixed ? Int32Array : Float64Array;
  const made = { count, most, firsts: new Int32Array(count), counts: new Int32Array(count), weights: new Weights(count * most) };
  const numbers = new Float64Array(most);
  for (let index = 0; index < count; index += 1) {
    const centre = from + (index + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * stretch + 0.5));
    const end = Math.min(length, Math.trunc(centre + support * stretch + 0.5));
    const weights = numbers.subarray(0, end - first);
    let sum = 0;
    for (let x = 0; x < weights.length; x += 1) sum += weights[x] = weight((x + first - centre + 0.5) / stretch);
    for (let x = 0; x < weights.length; x += 1) weights[x] = fixed ? rounded((weights[x] / sum) * 2 ** BITS) : weights[x] / (sum || 1);
    made.weights.set(weights, index * most);
    made.firsts[index] = first;
    made.counts[index] = end - first;
  }
  return made;
}

function rounded(value) {
  return Math.trunc(value < 0 ? value - 0.5 : value + 0.5);
}

function across(array, taps) {
  const { data, height, channels } = array;
  const made = new data.constructor(height * taps.count * channels);
  const isRgba = channels === 4 && data.BYTES_PER_ELEMENT === 1;
  const row = isRgba ? rgbaRow : data.BYTES_PER_ELEMENT === 1 ? bytesRow : channels === 1 ? planeRow : numbersRow;
  const target = data.BYTES_PER_ELEMENT === 1 ? new Uint8ClampedArray(made.buffer) : made;
  for (let y = 0; y < height; y += 1) row(array, y, taps, target);
  return { data: made, height, width: taps.count, channels };
}

/** Resamples a row of RGBA bytes in fixed point: no sum leaves 32 bits. */
function rgbaRow({ data, width }, y, { count, most, firsts, counts, weights }, target) {
  for (let index = 0, to = y * count * 4; index < count; index += 1, to += 4) {
    let [red, green, blue, alpha] = [HALF, HALF, HALF, HALF];
    const end = index * most + counts[index];
    for (let tap = index * most, at = (y * width + firsts[index]) * 4; tap < end; tap += 1, at += 4) {
      const weight = weights[tap];
      red = (red + Math.imul(data[at], weight)) | 0;
      green = (green + Math.imul(data[at + 1], weight)) | 0;
      blue = (blue + Math.imul(data[at + 2], weight)) | 0;
      alpha = (alpha + Math.imul(data[at + 3], weight)) | 0;
    }
    target[to] = red >> BITS;
    target[to + 1] = green >> BITS;
    target[to + 2] = blue >> BITS;
    target[to + 3] = alpha >> BITS;
  }
}

function bytesRow({ data, width, channels }, y, { count, most, firsts, counts, weights }, target) {
  for (let index = 0, to = y * count * channels; index < count; index += 1) {
    const end = index * most + counts[index];
    for (let channel = 0; channel < channels; channel += 1, to += 1) {
      let sum = HALF;
      let at = (y * width + firsts[index]) * channels + channel;
      for (let tap = index * most; tap < end; tap += 1, at += channels) sum = (sum + Math.imul(data[at], weights[tap])) | 0;
      target[to] = sum >> BITS;
    }
  }
}

function planeRow({ data, width }, y, { count, most, firsts, counts, weights }, target) {
  for (let index = 0, to = y * count; index < count; index += 1, to += 1) {
    let sum = 0;
    const end = index * most + counts[index];
    for (let tap = index * most, at = y * width + firsts[index]; tap < end; tap += 1, at += 1) sum += data[at] * weights[tap];
    target[to] = sum;
  }
}

function numbersRow({ data, width, channels }, y, { count, most, firsts, counts, weights }, target) {
  for (let index = 0, to = y * count * channels; index < count; index += 1) {
    const end = index * most + counts[index];
    for (let channel = 0; channel < channels; channel += 1, to += 1) {
      let sum = 0;
      let at = (y * width + firsts[index]) * channels + channel;
      for (let tap = index * most; tap < end; tap += 1, at += channels) sum += data[at] * weights[tap];
      target[to] = sum;
    }
  }
}

function down({ data, width, channels }, taps) {
  const row = width * channels;
  const made = new data.constructor(taps.count * row);
  if (data.BYTES_PER_ELEMENT === 1) downBytes(data, row, taps, new Uint8ClampedArray(made.buffer));
  else downNumbers(data, row, taps, made);
  return { data: made, height: taps.count, width, channels };
}

function downBytes(data, row, { count, most, firsts, counts, weights }, made) {
  const sums = new Int32Array(row);
  for (let y = 0; y < count; y += 1) {
    sums.fill(HALF);
    for (let tap = 0; tap < counts[y]; tap += 2) {
      const [one, other] = pair(weights, y * most + tap, tap + 1 < counts[y]);
      const at = (firsts[y] + tap) * row;
      const below = other ? at + row : at;
      for (let x = 0; x < row; x += 1) sums[x] = (sums[x] + Math.imul(data[at + x], one) + Math.imul(data[below + x], other)) | 0;
    }
    for (let x = 0, at = y * row; x < row; x += 1, at += 1) made[at] = sums[x] >> BITS;
  }
}

function downNumbers(data, row, { count, most, firsts, counts, weights }, made) {
  const sums = new Float64Array(row);
  for (let y = 0; y < count; y += 1) {
    sums.fill(0);
    for (let tap = 0; tap < counts[y]; tap += 2) {
      const [one, other] = pair(weights, y * most + tap, tap + 1 < counts[y]);
      const at = (firsts[y] + tap) * row;
      const below = other ? at + row : at;
      for (let x = 0; x < row; x += 1) sums[x] += data[at + x] * one + data[below + x] * other;
    }
    made.set(sums, y * row);
  }
}

/** Two weights of an output row, which go through memory once; the second is 0 where there is none. */
function pair(weights, at, isPair) {
  return [weights[at], isPair ? weights[at + 1] : 0];
}

/**
 * Return an array at another size: bytes are rounded as Pillow rounds them, other numbers not.
 *
 * `kernel` is "box", "bilinear", "hamming" or "bicubic", `box` the part to take: left, top, right, bottom in samples,
 * which may be fractions. Bicubic values may leave the range of their source.
 */
export function resize(array, { height, width }, kernel, box = [0, 0, array.width, array.height]) {
  const [left, top, right, bottom] = box.map(Math.fround); // as Pillow holds them
  const fixed = array.data instanceof Uint8Array || array.data instanceof Uint8ClampedArray;
  const isAcross = width !== array.width || left !== 0 || right !== width;
  const isDown = height !== array.height || top !== 0 || bottom !== height;
  const along = (made) => (isAcross ? across(made, taps(made.width, width, kernel, left, right, fixed)) : made);
  const below = (made) => (isDown ? down(made, taps(made.height, height, kernel, top, bottom, fixed)) : made);
  // bytes are rounded between the passes; Pillow 13 begins with the rows where they become fewer by far more than columns
  const isTall = height < array.height && array.height - height > 2 * (array.width - width);
  const made = isTall ? along(below(array)) : below(along(array));
  return made === array ? { ...array, data: array.data.slice() } : made;
}
