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

/** Memory for parts of up to so many pixels and of such a width, used again for each. */
export function workspace(pixels, width) {
  const numbers = (count) => Array.from({ length: count }, () => new Float64Array(pixels));
  return { terms: numbers(TERMS), sums: numbers(TERMS), found: numbers(5), along: new Float64Array(pixels), line: new Float64Array(width) };
}

/**
 * Fit a part and its surroundings: `guide` (three of them, centred colours), `alpha` and `weight` are Float32Arrays of
 * height x width, the weight 0 outside the picture. The four arrays returned, mean a and b, are of 4 radius less.
 */
export function fit({ guide, alpha, weight, height, width }, radius, space) {
  makeTerms(guide, alpha, weight, height * width, space.terms);
  const sum = (source, target, high, wide) =>
    windowSums(source, high, wide, radius, { target, along: space.along, sums: space.line });
  space.terms.forEach((term, index) => sum(term, space.sums[index], height, width));
  const [high, wide] = [height - 2 * radius, width - 2 * radius];
  solveAll(space.sums, weight, { high, wide, width, radius }, space.found);
  space.found.forEach((values, index) => sum(values, space.terms[index], high, wide));
  const count = (high - 2 * radius) * (wide - 2 * radius);
  const [red, green, blue, constant, total] = space.terms;
  for (let at = 0; at < count; at += 1) {
    const scale = 1 / Math.max(total[at], LEAST_WEIGHT / 2);
    red[at] *= scale;
    green[at] *= scale;
    blue[at] *= scale;
    constant[at] *= scale;
  }
  return [red, green, blue, constant];
}

function makeTerms([red, green, blue], alpha, weight, count, terms) {
  const [w, wa, wr, wg, wb, war, wag, wab, rr, rg, rb, gg, gb, bb] = terms;
  for (let at = 0; at < count; at += 1) {
    const [r, g, b, a, one] = [red[at], green[at], blue[at], alpha[at], weight[at]];
    w[at] = one;
    wa[at] = one * a;
    wr[at] = one * r;
    wg[at] = one * g;
    wb[at] = one * b;
    war[at] = wr[at] * a;
    wag[at] = wg[at] * a;
    wab[at] = wb[at] * a;
    rr[at] = wr[at] * r;
    rg[at] = wr[at] * g;
    rb[at] = wr[at] * b;
    gg[at] = wg[at] * g;
    gb[at] = wg[at] * b;
    bb[at] = wb[at] * b;
  }
}

/** Solve the 3x3 systems of all windows by elimination: a, b and the weight of each, all but the last times it. */
function solveAll(sums, weight, { high, wide, width, radius }, found) {
  const [w, wa, wr, wg, wb, war, wag, wab, rr, rg, rb, gg, gb, bb] = sums;
  for (let y = 0, at = 0; y < high; y += 1) {
    const centre = (y + radius) * width + radius;
    for (let x = 0; x < wide; x += 1, at += 1) {
      const total = Math.max(w[at], LEAST_WEIGHT / 2);
      const [mean, r, g, b] = [wa[at] / total, wr[at] / total, wg[at] / total, wb[at] / total];
      const xx = rr[at] / total - r * r + STIFFNESS;
      const xy = rg[at] / total - r * g;
      const xz = rb[at] / total - r * b;
      const yOfX = xy / xx;
      const zOfX = xz / xx;
      const yy = gg[at] / total - g * g + STIFFNESS - yOfX * xy;
      const yz = gb[at] / total - g * b - zOfX * xy;
      const zz = bb[at] / total - b * b + STIFFNESS - zOfX * xz;
      const zOfY = yz / yy;
      const first = war[at] / total - mean * r;
      let second = wag[at] / total - mean * g - yOfX * first;
      const third = (wab[at] / total - mean * b - zOfX * first - zOfY * second) / (zz - zOfY * yz);
      second = second / yy - zOfY * third;
      const one = first / xx - yOfX * second - zOfX * third;
      const share = weight[centre + x] > 0 ? total : 0; // certain windows weigh more
      found[0][at] = one * share;
      found[1][at] = second * share;
      found[2][at] = third * share;
      found[3][at] = (mean - (one * r + second * g + third * b)) * share;
      found[4][at] = share;
    }
  }
}
