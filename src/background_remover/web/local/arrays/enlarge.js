/** Enlarging planes, whole or by parts: with the nearest pixel, or bilinear. */

/** Which of `length` pixels each of `full` pixels lies in, along one side: an Int32Array. */
export function nearest(length, full) {
  return Int32Array.from({ length: full }, (_, place) => Math.min(Math.trunc((place + 0.5) * (length / full)), length - 1));
}

/**
 * Of each of `full` pixels along one side the two of `length` that it lies between, and the share of the second.
 *
 * `ends` has for each of the two's first the end of those that lie there.
 */
function between(length, full) {
  const [low, high, share] = [new Int32Array(full), new Int32Array(full), new Float32Array(full)];
  const ends = new Int32Array(length);
  for (let place = 0; place < full; place += 1) {
    const exact = Math.min(Math.max((place + 0.5) * (length / full) - 0.5, 0), length - 1);
    low[place] = Math.trunc(exact);
    high[place] = Math.min(low[place] + 1, length - 1);
    share[place] = exact - low[place];
    ends[low[place]] = place + 1;
  }
  return { low, high, share, ends };
}

/**
 * Return a function that enlarges planes of a size `from` to a size `to`, bilinear, a part of a row at a time.
 *
 * `row(planes, y, left, right, write)` fills `write`, one Float32Array for each of the planes (Float32Arrays of `from`),
 * with row `y` from column `left` to `right`.
 */
export function enlargement(from, to) {
  const down = between(from.height, to.height);
  const along = between(from.width, to.width);
  const line = new Float32Array(from.width);
  return function row(planes, y, left, right, write) {
    const above = down.low[y] * from.width;
    const below = down.high[y] * from.width;
    const share = down.share[y];
    const [first, last] = [along.low[left], along.high[right - 1]];
    for (let index = 0; index < planes.length; index += 1) {
      const [source, target] = [planes[index], write[index]];
      for (let x = first; x <= last; x += 1) line[x] = source[above + x] + (source[below + x] - source[above + x]) * share;
      for (let x = left, at = 0; x < right; ) {
        const low = along.low[x];
        const one = line[low];
        const step = line[along.high[x]] - one;
        const end = Math.min(along.ends[low], right);
        for (; x < end; x += 1, at += 1) target[at] = one + step * along.share[x];
      }
    }
  };
}

/** Return planes (Float32Arrays of a size `from`) enlarged to `to`, bilinear. */
export function enlarge(planes, from, to) {
  const row = enlargement(from, to);
  const made = planes.map(() => new Float32Array(to.height * to.width));
  for (let y = 0; y < to.height; y += 1) {
    const start = y * to.width;
    row(planes, y, 0, to.width, made.map((one) => one.subarray(start, start + to.width)));
  }
  return made;
}
