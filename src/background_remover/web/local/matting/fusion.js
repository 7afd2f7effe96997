/** Rounds of blur fusion in a part of a picture: means of the subject's and of the background's colours (Forte, ICIP 2021). */

export const CELL = 128; // the side of the squares that a level is worked out in; one fits in a processor's cache
const STIFFNESS = 0.02; // see `foreground.js`
const NONE = 1e-4; // the mean weight below which there is nothing to average

/** Memory for one part after another, with as many pixels around each as there are rounds. */
export function workspace(rounds) {
  const pixels = (CELL + 2 * rounds) ** 2;
  const numbers = (count) => Array.from({ length: count }, () => new Float32Array(pixels));
  const [pull, sums, product] = numbers(3);
  return { seen: numbers(3), shares: numbers(2), means: numbers(6), totals: numbers(2), pull, sums, product };
}

/** Fuses and averages in turn, and writes the means of the part, and where there is any subject, into planes of a level. */
export function fuse(space, part, rounds, made, width) {
  const high = part.bottom - part.top + 2 * rounds;
  const wide = part.right - part.left + 2 * rounds;
  weigh(space, high * wide);
  space.shares.forEach((share, index) => sums3(share, space.totals[index], { high, wide, margin: 1 }, space.sums));
  for (let round = 0; round < rounds; round += 1) {
    explain(space, { high, wide, margin: round });
    for (let index = 0; index < 6; index += 1) average(space, index, { high, wide, margin: round + 1 });
  }
  write(space, part, rounds, wide, made, width);
}

function weigh({ shares: [subject, ground], pull }, count) {
  for (let at = 0; at < count; at += 1) pull[at] = 1 / (subject[at] ** 2 + ground[at] ** 2 + STIFFNESS);
}

/** Moves F and B of every pixel to those that explain its colour. */
function explain({ seen, shares: [subject, ground], means, pull }, { high, wide, margin }) {
  for (let channel = 0; channel < 3; channel += 1) {
    const [own, behind, levels] = [means[channel], means[channel + 3], seen[channel]];
    for (let y = margin; y < high - margin; y += 1) {
      for (let at = y * wide + margin; at < (y + 1) * wide - margin; at += 1) {
        const missing = (levels[at] - subject[at] * own[at] - ground[at] * behind[at]) * pull[at];
        const [one, other] = [own[at] + subject[at] * missing, behind[at] + ground[at] * missing];
        own[at] = one < 0 ? 0 : one > 1 ? 1 : one;
        behind[at] = other < 0 ? 0 : other > 1 ? 1 : other;
      }
    }
  }
}

/** Makes F or B the weighted means over nine pixels; the picture's own colour where there is nothing to average. */
function average({ seen, shares, means, totals, sums, product }, index, { high, wide, margin }) {
  const [values, share, total] = [means[index], shares[index < 3 ? 0 : 1], totals[index < 3 ? 0 : 1]];
  const levels = seen[index % 3];
  for (let y = margin - 1; y <= high - margin; y += 1) {
    for (let at = y * wide + margin - 1; at <= (y + 1) * wide - margin; at += 1) product[at] = values[at] * share[at];
  }
  sums3(product, values, { high, wide, margin }, sums);
  for (let y = margin; y < high - margin; y += 1) {
    for (let at = y * wide + margin; at < (y + 1) * wide - margin; at += 1) {
      values[at] = total[at] > 9 * NONE ? values[at] / total[at] : levels[at];
    }
  }
}

/** Sums over the nine pixels around each that is `margin` pixels from the sides. */
function sums3(source, target, { high, wide, margin }, along) {
  for (let y = margin - 1; y <= high - margin; y += 1) {
    for (let at = y * wide + margin; at < (y + 1) * wide - margin; at += 1) along[at] = source[at - 1] + source[at] + source[at + 1];
  }
  for (let y = margin; y < high - margin; y += 1) {
    for (let at = y * wide + margin; at < (y + 1) * wide - margin; at += 1) target[at] = along[at - wide] + along[at] + along[at + wide];
  }
}

function write({ means, totals: [total] }, part, rounds, wide, made, width) {
  for (let y = part.top; y < part.bottom; y += 1) {
    let from = (y - part.top + rounds) * wide + rounds;
    for (let at = y * width + part.left; at < y * width + part.right; at += 1, from += 1) {
      for (let index = 0; index < 6; index += 1) made.means[index][at] = means[index][from];
      made.near[at] = total[from] > 9 * NONE ? 1 : 0;
    }
  }
}
