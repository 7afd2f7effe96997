/** The floor that the subject of a cutout stands on, found by its lower edge, as the server finds it (compositing/floor.py). */

const STEEPEST = 0.5; // the slope up to which the subject stands on its lower edge
const NARROWEST = 0.15; // the least width of what stands on the floor, as a share of the subject's

/** Return `{ line, gaps, stands, subject, lowest, fromCut }` of RGBA bytes, see `Floor`; null where nothing is half opaque. */
export function floorBelow({ data, height, width }) {
  const [columns, rows] = lowestOf(data, height, width);
  if (!columns.length) return null;
  const corners = standing(hull(columns, rows));
  const middles = Array.from({ length: width }, (_, column) => column + 0.5);
  const [ends, heights] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const line = middles.map((x) => interpolated(x, ends, heights));
  const lower = columns.map((column) => column + 0.5);
  const gaps = middles.map((x, column) => Math.max(line[column] - interpolated(x, lower, rows), 0));
  const subject = [columns[0], columns.at(-1) + 1];
  const middle = (ends[0] + ends.at(-1)) / 2;
  const half = Math.max(ends.at(-1) - ends[0], NARROWEST * (subject[1] - subject[0])) / 2;
  const fromCut = columnsTo(columns.filter((_, index) => rows[index] === height), width);
  return { line, gaps, stands: [middle - half, middle + half], subject, lowest: Math.max(...rows), fromCut };
}

/** How many columns it is from each of `width` to the nearest of some, infinite where there are none. */
function columnsTo(places, width) {
  const made = new Array(width).fill(Infinity);
  for (const place of places) made[place] = 0;
  for (let column = 1; column < width; column += 1) made[column] = Math.min(made[column], made[column - 1] + 1);
  for (let column = width - 2; column >= 0; column -= 1) made[column] = Math.min(made[column], made[column + 1] + 1);
  return made;
}

/** The columns with a pixel that is at least half opaque, and the lower side of each column's lowest one. */
function lowestOf(data, height, width) {
  const lowest = new Int32Array(width);
  for (let y = 0, at = 3; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 4) if (data[at] > 127) lowest[x] = y + 1;
  }
  const columns = [...lowest.keys()].filter((column) => lowest[column]);
  return [columns, columns.map((column) => lowest[column])];
}

/** The corners of the lower convex hull of columns of pixels, from left to right (Andrew, 1979). */
function hull(columns, rows) {
  const corners = columns.flatMap((column, index) => [
    [column, rows[index]],
    [column + 1, rows[index]],
  ]);
  corners.sort(([x, y], [u, v]) => x - u || y - v);
  const made = [];
  for (const corner of corners) {
    while (made.length > 1 && isAbove(made.at(-1), made.at(-2), corner)) made.pop();
    made.push(corner);
  }
  return made;
}

function isAbove([x, y], [left, low], [right, high]) {
  return (y - low) * (right - left) <= (high - low) * (x - left);
}

/** The corners around the lowest one, as far as the hull is not too steep. */
function standing(corners) {
  const lowest = corners.reduce((best, [, y], index) => (y > corners[best][1] ? index : best), 0);
  let [first, last] = [lowest, lowest];
  while (first > 0 && rise(corners[first - 1], corners[first]) <= STEEPEST) first -= 1;
  while (last < corners.length - 1 && rise(corners[last + 1], corners[last]) <= STEEPEST) last += 1;
  return corners.slice(first, last + 1);
}

function rise([x, y], [u, v]) {
  return x === u ? Infinity : (v - y) / Math.abs(u - x);
}

/** A value between those of rising places, as NumPy's `interp`: beyond the ends it is that of the end. */
function interpolated(x, places, values) {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle] <= x) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return values[0];
  if (low === places.length) return values.at(-1);
  const share = (x - places[low - 1]) / (places[low] - places[low - 1]);
  return values[low - 1] + (values[low] - values[low - 1]) * share;
}
