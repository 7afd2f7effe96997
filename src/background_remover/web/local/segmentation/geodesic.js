/** Geodesic distances: the cheapest paths over a picture's pixels, by raster scans (Toivanen, 1996). */

const SWEEPS = 2; // over rows and columns, both ways
const DIAGONAL = Math.SQRT2;

/** Return the cost of the cheapest path to each pixel from the nearest source (bytes), infinite without one: Float32Array. */
export function distances(sources, cost) {
  const { height, width } = cost;
  let made = Float32Array.from(sources.data, (one) => (one ? 0 : Infinity));
  if (!sources.data.some(Boolean)) return made;
  const turned = transposed(cost.data, height, width);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const before = made.slice();
    sweepBoth(made, cost.data, height, width);
    made = transposed(made, height, width);
    sweepBoth(made, turned, width, height);
    made = transposed(made, width, height);
    if (before.every((one, at) => one === made[at])) break;
  }
  return made;
}

function transposed(data, height, width) {
  const made = new Float32Array(data.length);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) made[x * height + y] = data[y * width + x];
  return made;
}

function sweepBoth(made, cost, height, width) {
  for (let y = 0; y < height; y += 1) sweepRow(made, cost, y, y - 1, { height, width });
  for (let y = height - 1; y >= 0; y -= 1) sweepRow(made, cost, y, y + 1, { height, width });
}

/** Lowers the distances of a row by those of the row that it comes from, then along itself. */
function sweepRow(made, cost, row, other, { height, width }) {
  const [start, from] = [row * width, other * width];
  if (other >= 0 && other < height) {
    for (let x = 0; x < width; x += 1) {
      for (let shift = -1; shift <= 1; shift += 1) {
        if (x + shift < 0 || x + shift >= width) continue;
        const step = ((cost[start + x] + cost[from + x + shift]) / 2) * (shift ? DIAGONAL : 1);
        made[start + x] = Math.min(made[start + x], made[from + x + shift] + step);
      }
    }
  }
  for (let x = 1; x < width; x += 1) lower(made, cost, start + x, start + x - 1);
  for (let x = width - 2; x >= 0; x -= 1) lower(made, cost, start + x, start + x + 1);
}

function lower(made, cost, at, from) {
  made[at] = Math.min(made[at], made[from] + (cost[at] + cost[from]) / 2);
}
