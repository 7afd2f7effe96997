/** Connected components of a mask. */

/**
 * Return the 8-connected components of a mask (bytes, 0 is false): `{ labels, count }`.
 *
 * `labels`, an Int32Array, are 0 outside the mask and else the number of the region, from 1, from the top down.
 */
export function regions({ data, height, width }) {
  const labels = new Int32Array(height * width);
  const waiting = new Int32Array(height * width);
  let count = 0;
  for (let start = 0; start < data.length; start += 1) {
    if (!data[start] || labels[start]) continue;
    count += 1;
    let filled = 1;
    waiting[0] = start;
    labels[start] = count;
    while (filled) {
      const at = waiting[(filled -= 1)];
      const [y, x] = [Math.floor(at / width), at % width];
      for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, height - 1); row += 1) {
        for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, width - 1); column += 1) {
          const next = row * width + column;
          if (!data[next] || labels[next]) continue;
          labels[next] = count;
          waiting[filled] = next;
          filled += 1;
        }
      }
    }
  }
  return { labels, count };
}
