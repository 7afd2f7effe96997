/** Resampling of planes and pixels with antialiasing, to the same values as Pillow's `resize`. */

const BITS = 22; // of the fraction in Pillow's fixed-point weights for bytes
const ONE = 2 ** BITS;

const KERNELS = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
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

function across(samples, { height, width, channels }, columns, finish) {
  const made = new samples.constructor(height * columns.length * channels);
  let place = 0;
  for (let y = 0; y < height; y += 1) {
    for (const { first, weights } of columns) {
      const start = (y * width + first) * channels;
      for (let channel = 0; channel < channels; channel += 1, place += 1) {
        let sum = 0;
        for (let tap = 0, at = start + channel; tap < weights.length; tap += 1, at += channels) {
          sum += samples[at] * weights[tap];
        }
        made[place] = finish(sum);
      }
    }
  }
  return made;
}

function down(samples, row, rows, finish) {
  const made = new samples.constructor(rows.length * row);
  const sums = new Float64Array(row);
  rows.forEach(({ first, weights }, y) => {
    sums.fill(0);
    weights.forEach((weight, tap) => {
      const start = (first + tap) * row;
      for (let x = 0; x < row; x += 1) sums[x] += samples[start + x] * weight;
    });
    for (let x = 0; x < row; x += 1) made[y * row + x] = finish(sums[x]);
  });
  return made;
}

/**
 * Return samples at another size: bytes (Uint8Array) rounded as Pillow rounds them, or Float32Array.
 *
 * `from` is `{height, width, channels}` of the interleaved input, `to` is `{height, width}`, `box` is the part to take:
 * left, top, right, bottom in input pixels, which may be fractions.
 */
export function resize(samples, from, to, kernel, box = [0, 0, from.width, from.height]) {
  const [left, top, right, bottom] = box;
  const fixed = samples instanceof Uint8Array;
  const finish = fixed ? byte : (sum) => sum;
  let made = samples;
  if (to.width !== from.width || left !== 0 || right !== from.width) {
    made = across(made, from, taps(from.width, to.width, kernel, left, right, fixed), finish);
  }
  if (to.height !== from.height || top !== 0 || bottom !== from.height) {
    const rows = taps(from.height, to.height, kernel, top, bottom, fixed);
    made = down(made, to.width * from.channels, rows, finish);
  }
  return made === samples ? samples.slice() : made;
}
