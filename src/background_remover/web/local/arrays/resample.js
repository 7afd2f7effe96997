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

/** The first sample and the normalised weights of each output sample, of an interval [from, to] of the input. */
function taps(length, wanted, kernel, from, to, fixed) {
  const { support, weight } = KERNELS[kernel];
  const scale = (to - from) / wanted;
  const stretch = Math.max(scale, 1);
  return Array.from({ length: wanted }, (_, index) => {
    const centre = from + (index + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * stretch + 0.5));
    const end = Math.min(length, Math.trunc(centre + support * stretch + 0.5));
    const weights = Float64Array.from({ length: end - first }, (_, x) => weight((x + first - centre + 0.5) / stretch));
    const sum = weights.reduce((total, one) => total + one, 0) || 1;
    return { first, weights: weights.map((one) => (fixed ? rounded((one / sum) * ONE) : one / sum)) };
  });
}

function rounded(value) {
  return Math.trunc(value < 0 ? value - 0.5 : value + 0.5);
}

function byte(sum) {
  return Math.min(255, Math.max(0, Math.floor((sum + ONE / 2) / ONE)));
}

function across({ data, height, width, channels }, columns, finish) {
  const made = new data.constructor(height * columns.length * channels);
  let place = 0;
  for (let y = 0; y < height; y += 1) {
    for (const { first, weights } of columns) {
      const start = (y * width + first) * channels;
      for (let channel = 0; channel < channels; channel += 1, place += 1) {
        let sum = 0;
        for (let tap = 0, at = start + channel; tap < weights.length; tap += 1, at += channels) {
          sum += data[at] * weights[tap];
        }
        made[place] = finish(sum);
      }
    }
  }
  return { data: made, height, width: columns.length, channels };
}

function down({ data, width, channels }, rows, finish) {
  const row = width * channels;
  const made = new data.constructor(rows.length * row);
  const sums = new Float64Array(row);
  rows.forEach(({ first, weights }, y) => {
    sums.fill(0);
    weights.forEach((weight, tap) => {
      const start = (first + tap) * row;
      for (let x = 0; x < row; x += 1) sums[x] += data[start + x] * weight;
    });
    for (let x = 0; x < row; x += 1) made[y * row + x] = finish(sums[x]);
  });
  return { data: made, height: rows.length, width, channels };
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
  const finish = fixed ? byte : (sum) => sum;
  let made = array;
  if (width !== made.width || left !== 0 || right !== made.width) {
    made = across(made, taps(made.width, width, kernel, left, right, fixed), finish);
  }
  if (height !== made.height || top !== 0 || bottom !== made.height) {
    made = down(made, taps(made.height, height, kernel, top, bottom, fixed), finish);
  }
  return made === array ? { ...array, data: array.data.slice() } : made;
}
