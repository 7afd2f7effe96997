/** A Gaussian blur of levels at any radius, made of means over blocks, as the server makes it (arrays/gaussian.py). */

const REACH = 4; // standard deviations; what lies beyond is 1/16 000 of the whole
const FINE = 6; // blocks in a standard deviation
const LEAST = 0.05; // the deviation in pixels from which on down the neighbours' weights are 0

/** Return the levels of a plane, blurred: a Float32Array in their range. At the border, means are over the pixels inside. */
export function gaussian(levels, deviation) {
  const { height, width } = levels;
  const step = Math.max(1, Math.min(Math.trunc(deviation / FINE), Math.max(height, width)));
  const small = blocks(levels, step);
  return down(along(small, weights(width, step, deviation), width), weights(height, step, deviation), height, width);
}

/** Means over squares of a side, over less at the lower and the right border. */
function blocks({ data, height, width }, step) {
  const size = { height: Math.ceil(height / step), width: Math.ceil(width / step) };
  const made = new Float64Array(size.height * size.width);
  for (let y = 0, at = 0; y < height; y += 1) {
    const start = Math.floor(y / step) * size.width;
    for (let x = 0; x < width; x += 1, at += 1) made[start + Math.floor(x / step)] += data[at];
  }
  for (let at = 0; at < made.length; at += 1) {
    const [y, x] = [Math.floor(at / size.width) * step, (at % size.width) * step];
    made[at] /= (Math.min(y + step, height) - y) * (Math.min(x + step, width) - x);
  }
  return { data: made, ...size };
}

/** Of each pixel of a line the first block near it, and the weights of the blocks from there on. */
function weights(length, step, deviation) {
  const variance = Math.max(deviation, LEAST) ** 2 - (step ** 2 - 1) / 12; // means over blocks have blurred already
  const reach = REACH * deviation + step;
  const count = Math.ceil(length / step);
  const sizes = Array.from({ length: count }, (_, block) => Math.min((block + 1) * step, length) - block * step);
  const centres = sizes.map((size, block) => block * step + (size - 1) / 2);
  return Array.from({ length }, (_, place) => {
    let first = Math.max(0, Math.floor((place - reach) / step) - 1);
    while (first < count - 1 && centres[first] < place - reach) first += 1;
    const found = [];
    for (let block = first; block < count && (centres[block] <= place + reach || !found.length); block += 1) {
      found.push(Math.exp((place - centres[block]) ** 2 / (-2 * variance)) * sizes[block]);
    }
    const sum = found.reduce((total, one) => total + one, 0);
    return { first, shares: Float64Array.from(found, (one) => one / sum) };
  });
}

function along({ data, height, width }, columns, wide) {
  const made = new Float32Array(height * wide);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < wide; x += 1, at += 1) {
      const { first, shares } = columns[x];
      let sum = 0;
      for (let block = 0, from = y * width + first; block < shares.length; block += 1, from += 1) sum += shares[block] * data[from];
      made[at] = sum;
    }
  }
  return made;
}

function down(data, rows, height, width) {
  const made = new Float32Array(height * width);
  const sums = new Float64Array(width);
  for (let y = 0; y < height; y += 1) {
    const { first, shares } = rows[y];
    sums.fill(0);
    shares.forEach((share, block) => {
      for (let x = 0, from = (first + block) * width; x < width; x += 1, from += 1) sums[x] += share * data[from];
    });
    made.set(sums, y * width);
  }
  return made;
}
