/** The mean colours of the subject and of the background around each pixel of a picture. */

const SUMS = 8; // of a square: the subject's red, green, blue and weight, and the background's
const SAMPLES = 4; // of a square's pixels along each side that are taken, at least
const PURE = 230; // of 255: a pixel with more of one of the two counts for its mean
const SCALES = 4; // of means, each of squares twice as far apart as the one before
const FAR = 0.01; // weight of a scale, of the one before

/** Means of squares of `cell` pixels and of those around them: of near ones, or else of such further off. */
export class Means {
  #cell;
  #step;
  #sums;
  #columns;
  #rows;
  #counts;
  #total = new Float32Array(SUMS);

  constructor({ width, height }, cell) {
    const [columns, rows] = [Math.ceil(width / cell), Math.ceil(height / cell)];
    this.#cell = cell;
    this.#step = Math.floor(cell / SAMPLES);
    this.#counts = { columns, rows };
    this.#sums = new Float32Array(SUMS * columns * rows);
    this.#columns = between(width, columns, cell, SUMS);
    this.#rows = between(height, rows, cell, SUMS * columns);
  }

  /** Takes in a part of the picture: `data` are its straight RGBA bytes, `shares` how much of each pixel is the subject, of 255. */
  add(data, shares, { x: left, y: top, width, height }) {
    const [cell, step] = [this.#cell, this.#step];
    for (let y = Math.ceil(top / step) * step; y < top + height; y += step) {
      const row = Math.floor(y / cell) * this.#counts.columns;
      for (let x = Math.ceil(left / step) * step; x < left + width; x += step) {
        const pixel = (y - top) * width + x - left;
        add(this.#sums, SUMS * (row + Math.floor(x / cell)), data, 4 * pixel, shares[pixel]);
      }
    }
  }

  /** Has every square know those around it, once all parts are taken in. */
  spread() {
    this.#sums = spread(this.#sums, this.#counts.columns, this.#counts.rows);
  }

  /** Puts the means at a pixel into `means`, red, green, blue of the subject and then of the background: whether it has both. */
  at(x, y, means) {
    const [columns, rows, total, sums] = [this.#columns, this.#rows, this.#total, this.#sums];
    const [left, right, wide] = [columns.first[x], columns.second[x], columns.share[x]];
    const [above, below, high] = [rows.first[y], rows.second[y], rows.share[y]];
    for (let index = 0; index < SUMS; index++) {
      const upper = sums[above + left + index] * (1 - wide) + sums[above + right + index] * wide;
      const lower = sums[below + left + index] * (1 - wide) + sums[below + right + index] * wide;
      total[index] = upper * (1 - high) + lower * high;
    }
    for (let index = 0; index < 3; index++) {
      means[index] = total[index] / total[3];
      means[index + 3] = total[index + 4] / total[7];
    }
    return total[3] > 0 && total[7] > 0;
  }
}

/** Adds a pixel's colour to its square's sums of what it is nearly all of, if any. */
function add(sums, square, data, at, share) {
  if (share < PURE && share > 255 - PURE) return;
  const start = square + (share < PURE ? 4 : 0);
  for (let channel = 0; channel < 3; channel++) sums[start + channel] += data[at + channel];
  sums[start + 3]++;
}

/** Adds the sums of squares around each to its own, with less weight the further off they are. */
function spread(sums, columns, rows) {
  let [far, weight] = [sums, 1];
  const total = new Float32Array(sums.length);
  for (let scale = 0; scale < SCALES; scale++, weight *= FAR) {
    far = over3(far, 2 ** scale, { length: columns, step: SUMS, lines: rows, jump: SUMS * columns });
    far = over3(far, 2 ** scale, { length: rows, step: SUMS * columns, lines: columns, jump: SUMS });
    for (let at = 0; at < total.length; at++) total[at] += weight * far[at];
  }
  return total;
}

/** Sums over three squares, `apart` from each other, along lines whose squares are `step` apart and that are `jump` apart. */
function over3(sums, apart, { length, step, lines, jump }) {
  const made = Float32Array.from(sums);
  for (let line = 0; line < lines; line++) {
    for (let place = 0; place < length - apart; place++) {
      const [one, other] = [line * jump + place * step, line * jump + (place + apart) * step];
      for (let index = 0; index < SUMS; index++) {
        made[one + index] += sums[other + index];
        made[other + index] += sums[one + index];
      }
    }
  }
  return made;
}

/** For each of `length` pixels the places of the two squares between whose middles it lies, and the second one's share. */
function between(length, count, cell, step) {
  const made = { first: new Int32Array(length), second: new Int32Array(length), share: new Float32Array(length) };
  for (let at = 0; at < length; at++) {
    const place = Math.min(Math.max((at + 0.5) / cell - 0.5, 0), count - 1);
    made.first[at] = Math.floor(place) * step;
    made.second[at] = Math.min(Math.floor(place) + 1, count - 1) * step;
    made.share[at] = place % 1;
  }
  return made;
}
