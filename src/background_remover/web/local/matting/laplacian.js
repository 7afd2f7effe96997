/** The matting Laplacian with large windows, worked out only where an alpha is unknown (matting/laplacian.py). */

import { boxAny } from "../arrays/box-filter.js";
import { boxes } from "../arrays/parts.js";
import { windowSums } from "./local-linear.js";

const RADIUS = 5; // of the windows, in pixels
const STIFFNESS = 1e-6; // the variance of colours, in [0, 1], below which a window is flat
const SIDE = 128; // of the squares that are worked out at once, in pixels
const PAIRS = [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [2, 2]];

/** The Laplacian of a guide, three Float32Arrays of centred colours, at the pixels of a mask and those beside them. */
export class Laplacian {
  #pieces;
  #size;

  /** `size` is that of the guide and of the mask. */
  constructor(guide, mask) {
    this.#size = { height: mask.height, width: mask.width };
    this.#pieces = boxes(boxAny(mask, 1), SIDE).map((part) => new Piece(guide, part, this.#size));
    this.diagonal = new Float32Array(mask.data.length).fill(1); // and 1 elsewhere, as it is divided by
    for (const piece of this.#pieces) piece.write(piece.diagonal(), this.diagonal);
  }

  /** The mean of the functions for an alpha (a Float32Array) over the windows around each pixel: four of them, else 0. */
  functions(alpha) {
    const made = Array.from({ length: 4 }, () => new Float32Array(alpha.length));
    for (const piece of this.#pieces) {
      piece.functions(alpha).forEach((values, index) => piece.write(values, made[index]));
    }
    return made;
  }

  /** The product with an alpha: its difference from the windows' linear functions, else 0. */
  times(alpha) {
    const made = new Float32Array(alpha.length);
    for (const piece of this.#pieces) piece.write(piece.times(alpha), made);
    return made;
  }
}

/** The Laplacian at one part of the guide, with a margin of two windows. */
class Piece {
  constructor(guide, part, size) {
    this.part = part;
    this.picture = size;
    this.outer = { height: part.bottom - part.top + 4 * RADIUS, width: part.right - part.left + 4 * RADIUS };
    this.middle = { height: this.outer.height - 2 * RADIUS, width: this.outer.width - 2 * RADIUS };
    this.inner = { height: part.bottom - part.top, width: part.right - part.left };
    this.along = new Float64Array(this.outer.height * this.outer.width);
    this.line = new Float64Array(this.outer.width);
    this.guide = guide.map((plane) => this.#outside(plane));
    this.colours = this.guide.map((plane) => this.#cut(plane, this.outer, 2 * RADIUS));
    const inside = this.#outside(new Float32Array(size.height * size.width).fill(1));
    const windows = this.#cut(inside, this.outer, RADIUS); // 0 for those around a pixel outside the picture
    const pixels = this.#sum(inside, this.outer);
    this.share = windows.map((one, at) => one / Math.max(pixels[at], 1));
    this.count = this.#sum(windows, this.middle);
    this.means = this.guide.map((plane) => this.#scaled(this.#sum(plane, this.outer)));
    this.inverse = this.#inverted();
  }

  times(alpha) {
    const flat = this.#outside(alpha);
    const [red, green, blue, constant] = this.#sums(flat);
    const own = this.#cut(flat, this.outer, 2 * RADIUS);
    const [r, g, b] = this.colours;
    return constant.map((one, at) => this.count[at] * own[at] - one - red[at] * r[at] - green[at] * g[at] - blue[at] * b[at]);
  }

  functions(alpha) {
    return this.#sums(this.#outside(alpha)).map((values) => values.map((one, at) => one / Math.max(this.count[at], 1)));
  }

  /** 1 - (1 + (I - m)' V (I - m)) / count, summed over windows with mean m and inverse V. */
  diagonal() {
    const { inverse, means } = this;
    const pulled = [0, 1, 2].map((i) => means[0].map((_, at) => [0, 1, 2].reduce((sum, j) => sum + entry(inverse, i, j)[at] * means[j][at], 0)));
    const constant = means[0].map((_, at) => 1 + [0, 1, 2].reduce((sum, i) => sum + pulled[i][at] * means[i][at], 0));
    const sums = [...inverse, ...pulled, constant].map((term) => this.#sum(this.#scaled(term), this.middle));
    return sums[9].map((last, at) => {
      let value = this.count[at] - last;
      PAIRS.forEach(([i, j], index) => {
        value -= sums[index][at] * this.colours[i][at] * this.colours[j][at] * (i === j ? 1 : 2);
      });
      for (let i = 0; i < 3; i += 1) value += 2 * sums[6 + i][at] * this.colours[i][at];
      return Math.max(value, 1e-3);
    });
  }

  /** Writes the part's values into those of the picture. */
  write(values, target) {
    const { top, left } = this.part;
    const { height, width } = this.inner;
    for (let y = 0; y < height; y += 1) {
      const start = (top + y) * this.picture.width + left;
      for (let x = 0; x < width; x += 1) target[start + x] = values[y * width + x];
    }
  }

  /** The part of a plane with its margin, zeros outside the picture. */
  #outside(plane) {
    const made = new Float64Array(this.outer.height * this.outer.width);
    const { height, width } = this.picture;
    const [top, left] = [this.part.top - 2 * RADIUS, this.part.left - 2 * RADIUS];
    const [first, last] = [Math.max(left, 0), Math.min(left + this.outer.width, width)];
    for (let y = Math.max(top, 0); y < Math.min(top + this.outer.height, height); y += 1) {
      made.set(plane.subarray(y * width + first, y * width + last), (y - top) * this.outer.width + first - left);
    }
    return made;
  }

  #cut(values, { height, width }, margin) {
    const made = new Float64Array((height - 2 * margin) * (width - 2 * margin));
    for (let y = margin, at = 0; y < height - margin; y += 1, at += width - 2 * margin) {
      made.set(values.subarray(y * width + margin, (y + 1) * width - margin), at);
    }
    return made;
  }

  #sum(values, { height, width }) {
    const target = new Float64Array((height - 2 * RADIUS) * (width - 2 * RADIUS));
    windowSums(values, height, width, RADIUS, { target, along: this.along, sums: this.line });
    return target;
  }

  #scaled(values) {
    return values.map((one, at) => one * this.share[at]);
  }

  /** The inverses of the windows' covariances of colours, by their six entries. */
  #inverted() {
    const variances = PAIRS.map(([i, j]) => {
      const sums = this.#scaled(this.#sum(this.guide[i].map((one, at) => one * this.guide[j][at]), this.outer));
      return sums.map((one, at) => one - this.means[i][at] * this.means[j][at] + (i === j ? STIFFNESS : 0));
    });
    const made = variances.map(() => new Float64Array(variances[0].length));
    for (let at = 0; at < made[0].length; at += 1) {
      const [xx, xy, xz, yy, yz, zz] = variances.map((one) => one[at]);
      const [a, b, c] = [yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy];
      const scale = 1 / (xx * a + xy * b + xz * c);
      [a, b, c, xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy].forEach((one, index) => (made[index][at] = one * scale));
    }
    return made;
  }

  /** The sums of the functions of the windows around the part's pixels, for an alpha with the margin. */
  #sums(alpha) {
    const { means, inverse } = this;
    const [xx, xy, xz, yy, yz, zz] = inverse;
    const mean = this.#scaled(this.#sum(alpha, this.outer));
    const [red, green, blue] = this.guide.map((plane, index) => {
      const shared = this.#scaled(this.#sum(plane.map((one, at) => one * alpha[at]), this.outer));
      for (let at = 0; at < shared.length; at += 1) shared[at] -= means[index][at] * mean[at];
      return shared;
    });
    for (let at = 0; at < mean.length; at += 1) {
      const [r, g, b] = [red[at], green[at], blue[at]];
      red[at] = xx[at] * r + xy[at] * g + xz[at] * b;
      green[at] = xy[at] * r + yy[at] * g + yz[at] * b;
      blue[at] = xz[at] * r + yz[at] * g + zz[at] * b;
      mean[at] -= red[at] * means[0][at] + green[at] * means[1][at] + blue[at] * means[2][at];
    }
    return [red, green, blue, mean].map((one) => this.#sum(one, this.middle));
  }
}

function entry(inverse, i, j) {
  return inverse[PAIRS.findIndex(([one, other]) => one === Math.min(i, j) && other === Math.max(i, j))];
}
