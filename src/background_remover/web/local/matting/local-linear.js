/** Fits alpha as a linear function of the colour, a . I + b, in windows of a part of a picture: the guided filter's solver. */

const STIFFNESS = 1e-5; // eps: the variance of colours, in [0, 1], below which a window is flat
const LEAST_WEIGHT = 1e-3; // of an alpha of one half, where 0 and 1 have a weight of 1
const TERMS = 14; // weight, its products with alpha (1), colours (3), both (3) and pairs of colours (6)

/** Write sums over squares of side 2 radius + 1 that lie in a part: height x width gives 2 radius less of both. */
export function windowSums(source, height, width, radius, { target, along, sums }) {
  const size = 2 * radius + 1;
  const narrow = width - 2 * radius;
  for (let y = 0; y < height; y += 1) {
    let sum = 0;
    let at = y * width;
    for (let x = 0; x < size - 1; x += 1) sum += source[at + x];
    for (let x = 0, to = y * narrow; x < narrow; x += 1, at += 1, to += 1) {
      sum += source[at + size - 1];
      along[to] = sum;
      sum -= source[at];
    }
  }
  sums.fill(0, 0, narrow);
  for (let y = 0, next = 0; y < height; y += 1) {
    for (let x = 0; x < narrow; x += 1, next += 1) sums[x] += along[next];
    if (y < size - 1) continue;
    const first = (y - size + 1) * narrow;
    for (let x = 0; x < narrow; x += 1) {
      target[first + x] = sums[x];
      sums[x] -= along[first + x];
    }
  }
}

/** Sums over windows of several quantities, whose rows are added one after another: `sums` are those of the last `size` rows. */
class RunningSums {
  #size;
  #lines; // of each quantity the sums along the last rows, in turn

  constructor(count, width, size) {
    const numbers = (length) => Array.from({ length: count }, () => new Float64Array(length));
    this.#size = size;
    this.#lines = numbers(width * size);
    this.sums = numbers(width);
  }

  /** Begins a part. */
  clear() {
    for (const one of [...this.#lines, ...this.sums]) one.fill(0);
  }

  /** Adds row `y` of each quantity, of so many numbers, in place of row `y - size`: whether all windows are full. */
  add(rows, y, count) {
    const narrow = count - this.#size + 1;
    const start = (y % this.#size) * narrow;
    for (let index = 0; index < rows.length; index += 1) addRow(rows[index], this.sums[index], this.#lines[index], start, narrow, this.#size);
    return y >= this.#size - 1;
  }
}

function addRow(row, sums, lines, start, narrow, size) {
  let sum = 0;
  for (let x = 0; x < size - 1; x += 1) sum += row[x];
  for (let x = 0, at = start; x < narrow; x += 1, at += 1) {
    sum += row[x + size - 1];
    sums[x] += sum - lines[at];
    lines[at] = sum;
    sum -= row[x];
  }
}

/** Memory for parts of up to so many pixels and of such a width, used again for each. */
export function workspace(pixels, width, radius) {
  const numbers = (count, length) => Array.from({ length: count }, () => new Float64Array(length));
  const running = (count) => new RunningSums(count, width, 2 * radius + 1);
  return { terms: numbers(TERMS, width), found: numbers(5, width), windows: running(TERMS), functions: running(5), means: numbers(4, pixels) };
}

/**
 * Fit a part and its surroundings: `guide` (three of them, centred colours), `alpha` and `weight` are Float32Arrays of
 * height x width, the weight 0 outside the picture. The four arrays returned, mean a and b, are of 4 radius less.
 */
export function fit({ guide, alpha, weight, height, width }, radius, { terms, found, windows, functions, means }) {
  windows.clear();
  functions.clear();
  const wide = width - 2 * radius;
  for (let y = 0; y < height; y += 1) {
    makeTerms(guide, alpha, weight, y * width, width, terms);
    if (!windows.add(terms, y, width)) continue;
    solveRow(windows.sums, weight, (y - radius) * width + radius, wide, found);
    const row = y - 2 * radius;
    if (functions.add(found, row, wide)) writeMeans(functions.sums, (row - 2 * radius) * (wide - 2 * radius), wide - 2 * radius, means);
  }
  return means;
}

/** Writes a row of the mean functions, at a place of the part. */
function writeMeans([red, green, blue, constant, total], start, count, made) {
  for (let x = 0, at = start; x < count; x += 1, at += 1) {
    const scale = 1 / Math.max(total[x], LEAST_WEIGHT / 2);
    made[0][at] = red[x] * scale;
    made[1][at] = green[x] * scale;
    made[2][at] = blue[x] * scale;
    made[3][at] = constant[x] * scale;
  }
}

/** The quantities of a row of pixels, from a place on. */
function makeTerms([red, green, blue], alpha, weight, start, count, terms) {
  const [w, wa, wr, wg, wb, war, wag, wab, rr, rg, rb, gg, gb, bb] = terms;
  for (let x = 0, at = start; x < count; x += 1, at += 1) {
    const [r, g, b, a, one] = [red[at], green[at], blue[at], alpha[at], weight[at]];
    const [wr1, wg1, wb1] = [one * r, one * g, one * b];
    w[x] = one;
    wa[x] = one * a;
    wr[x] = wr1;
    wg[x] = wg1;
    wb[x] = wb1;
    war[x] = wr1 * a;
    wag[x] = wg1 * a;
    wab[x] = wb1 * a;
    rr[x] = wr1 * r;
    rg[x] = wr1 * g;
    rb[x] = wr1 * b;
    gg[x] = wg1 * g;
    gb[x] = wg1 * b;
    bb[x] = wb1 * b;
  }
}

/** Solve the 3x3 systems of a row of windows by elimination: a, b and the weight of each, all but the last times it. */
function solveRow([w, wa, wr, wg, wb, war, wag, wab, rr, rg, rb, gg, gb, bb], weight, centre, count, found) {
  for (let x = 0; x < count; x += 1) {
    const total = Math.max(w[x], LEAST_WEIGHT / 2);
    const inverse = 1 / total;
    const [mean, r, g, b] = [wa[x] * inverse, wr[x] * inverse, wg[x] * inverse, wb[x] * inverse];
    const xx = rr[x] * inverse - r * r + STIFFNESS;
    const xy = rg[x] * inverse - r * g;
    const xz = rb[x] * inverse - r * b;
    const yOfX = xy / xx;
    const zOfX = xz / xx;
    const yy = gg[x] * inverse - g * g + STIFFNESS - yOfX * xy;
    const yz = gb[x] * inverse - g * b - zOfX * xy;
    const zz = bb[x] * inverse - b * b + STIFFNESS - zOfX * xz;
    const zOfY = yz / yy;
    const first = war[x] * inverse - mean * r;
    let second = wag[x] * inverse - mean * g - yOfX * first;
    const third = (wab[x] * inverse - mean * b - zOfX * first - zOfY * second) / (zz - zOfY * yz);
    second = second / yy - zOfY * third;
    const one = first / xx - yOfX * second - zOfX * third;
    const share = weight[centre + x] > 0 ? total : 0; // certain windows weigh more
    found[0][x] = one * share;
    found[1][x] = second * share;
    found[2][x] = third * share;
    found[3][x] = (mean - (one * r + second * g + third * b)) * share;
    found[4][x] = share;
  }
}
