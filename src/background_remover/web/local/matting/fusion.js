/** Rounds of blur fusion in a part of a picture: means of the subject's and of the background's colours (Forte, ICIP 2021). */

export const CELL = 128; // the side of the squares that a level is worked out in; one fits in a processor's cache
const STIFFNESS = 0.02; // see `foreground.js`
const NONE = 1e-4; // the mean weight below which there is nothing to average

/** Memory for one part after another, with as many pixels around each as there are rounds. */
export function workspace(rounds) {
  const pixels = (CELL + 2 * rounds) ** 2;
  const numbers = (count) => Array.from({ length: count }, () => new Float32Array(pixels));
  return { seen: numbers(3), shares: numbers(2), means: numbers(6), totals: numbers(2), pull: numbers(1)[0], sums: numbers(3) };
}

/** Fuses and averages in turn, and writes the means of the part, and where there is any subject, into planes of a level. */
export function fuse(space, part, rounds, made, width) {
  const high = part.bottom - part.top + 2 * rounds;
  const wide = part.right - part.left + 2 * rounds;
  weigh(space, high * wide);
  space.shares.forEach((share, index) => sums3(share, space.totals[index], { high, wide }, space.sums[0]));
  for (let round = 0; round < rounds; round += 1) {
    explain(space, { high, wide, margin: round });
    average(space, 0, { high, wide, margin: round + 1 });
    average(space, 1, { high, wide, margin: round + 1 });
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

/** Makes F, or B (1), the weighted means over nine pixels; the picture's own colour where there is nothing to average. */
function average({ seen, shares, means, totals, sums }, index, { high, wide, margin }) {
  const values = means.slice(3 * index, 3 * index + 3);
  weightedSums(values, shares[index], { high, wide, margin }, sums);
  for (let channel = 0; channel < 3; channel += 1) {
    meansDown(sums[channel], totals[index], seen[channel], { high, wide, margin }, values[channel]);
  }
}

/** Sums of three quantities, each times its share, over each pixel and the ones beside it. */
function weightedSums([red, green, blue], share, { high, wide, margin }, [reds, greens, blues]) {
  for (let y = margin - 1; y <= high - margin; y += 1) {
    const start = y * wide + margin;
    let [r0, g0, b0] = [red, green, blue].map((one) => one[start - 1] * share[start - 1]);
    let [r1, g1, b1] = [red, green, blue].map((one) => one[start] * share[start]);
    for (let at = start; at < start + wide - 2 * margin; at += 1) {
      const next = share[at + 1];
      const [r2, g2, b2] = [red[at + 1] * next, green[at + 1] * next, blue[at + 1] * next];
      reds[at] = r0 + r1 + r2;
      greens[at] = g0 + g1 + g2;
      blues[at] = b0 + b1 + b2;
      [r0, g0, b0, r1, g1, b1] = [r1, g1, b1, r2, g2, b2];
    }
  }
}

/** Sums of three rows in relation to their weight; the level itself where that is nothing. */
function meansDown(sums, total, levels, { high, wide, margin }, values) {
  for (let y = margin; y < high - margin; y += 1) {
    for (let at = y * wide + margin; at < (y + 1) * wide - margin; at += 1) {
      const weight = total[at];
      values[at] = weight > 9 * NONE ? (sums[at - wide] + sums[at] + sums[at + wide]) / weight : levels[at];
    }
  }
}

/** Sums over the nine pixels around each that isn't at the sides. */
function sums3(source, target, { high, wide }, along) {
  for (let y = 0; y < high; y += 1) {
    for (let at = y * wide + 1; at < (y + 1) * wide - 1; at += 1) along[at] = source[at - 1] + source[at] + source[at + 1];
  }
  for (let y = 1; y < high - 1; y += 1) {
    for (let at = y * wide + 1; at < (y + 1) * wide - 1; at += 1) target[at] = along[at - wide] + along[at] + along[at + wide];
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
