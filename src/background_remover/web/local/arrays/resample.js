/** Resampling with antialiasing, to the same values as Pillow's `resize`. Arrays are `{ data, height, width, channels }`. */

const BITS = 22; // of the fraction in Pillow's fixed-point weights for bytes
const ONE = 2 ** BITS;

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
  const made = { count, most, firsts: new Int32Array(count), counts: new Int32Array(count), weights: new Float64Array(count * most) };
  for (let index = 0; index < count; index += 1) {
    const centre = from + (index + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * stretch + 0.5));
    const end = Math.min(length, Math.trunc(centre + support * stretch + 0.5));
    const weights = made.weights.subarray(index * most, index * most + end - first);
    let sum = 0;
    for (let x = 0; x < weights.length; x += 1) sum += weights[x] = weight((x + first - centre + 0.5) / stretch);
    for (let x = 0; x < weights.length; x += 1) weights[x] = fixed ? rounded((weights[x] / sum) * ONE) : weights[x] / (sum || 1);
    made.firsts[index] = first;
    made.counts[index] = end - first;
  }
  return made;
}

function rounded(value) {
  return Math.trunc(value < 0 ? value - 0.5 : value + 0.5);
}

/** Where sums are written to: of bytes they are in fixed point, and cut to a byte's range. */
function writer(made) {
  if (made instanceof Float32Array) return (sums, at) => made.set(sums, at);
  const bytes = new Uint8ClampedArray(made.buffer);
  return (sums, at) => {
    for (let x = 0; x < sums.length; x += 1) bytes[at + x] = Math.floor((sums[x] + ONE / 2) / ONE);
  };
}

function across({ data, height, width, channels }, { count, most, firsts, counts, weights }) {
  const row = count * channels;
  const made = new data.constructor(height * row);
  const write = writer(made);
  const sums = new Float64Array(row);
  for (let y = 0; y < height; y += 1) {
    for (let index = 0, to = 0; index < count; index += 1, to += channels) {
      const start = (y * width + firsts[index]) * channels;
      const [first, end] = [index * most, index * most + counts[index]];
      for (let channel = 0; channel < channels; channel += 1) {
        let sum = 0;
        for (let tap = first, at = start + channel; tap < end; tap += 1, at += channels) sum += data[at] * weights[tap];
        sums[to + channel] = sum;
      }
    }
    write(sums, y * row);
  }
  return { data: made, height, width: count, channels };
}

function down({ data, width, channels }, { count, most, firsts, counts, weights }) {
  const row = width * channels;
  const made = new data.constructor(count * row);
  const write = writer(made);
  const sums = new Float64Array(row);
  for (let y = 0; y < count; y += 1) {
    sums.fill(0);
    for (let tap = 0; tap < counts[y]; tap += 1) {
      const weight = weights[y * most + tap];
      for (let x = 0, at = (firsts[y] + tap) * row; x < row; x += 1, at += 1) sums[x] += data[at] * weight;
    }
    write(sums, y * row);
  }
  return { data: made, height: count, width, channels };
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
  let made = array;
  if (width !== made.width || left !== 0 || right !== made.width) {
    made = across(made, taps(made.width, width, kernel, left, right, fixed));
  }
  if (height !== made.height || top !== 0 || bottom !== made.height) {
    made = down(made, taps(made.height, height, kernel, top, bottom, fixed));
  }
  return made === array ? { ...array, data: array.data.slice() } : made;
}
