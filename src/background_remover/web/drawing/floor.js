/** The floor that a subject stands on, found by its lower edge, as the server finds it (`compositing/floor.py`). */

const HALF = 128; // the alpha from which a pixel belongs to the subject
const STEEPEST = 0.5; // slope up to which it stands on its lower edge; what is steeper belongs to its sides
const NARROWEST = 0.15; // width of what stands on the floor, as a share of the subject's

/**
 * `{ line, gaps, stands, subject, lowest, fromCut }` of a cutout in its pixels, or null where nothing is in it: the floor's row
 * and how far the subject is above it, for each column, the ends of what stands on it and of the subject, the subject's lower
 * end, and how far each column is from where the subject is cut at the row `bottom`.
 */
export function floorBelow(cutout, bottom) {
  const corners = lowerSides(cutout);
  if (!corners.length) return null;
  const standing = nearLowest(lowerHull(corners));
  const middles = corners.filter((_, index) => index % 2 === 0).map(([x, y]) => [x + 0.5, y]);
  const line = new Float32Array(cutout.width);
  const gaps = new Float32Array(cutout.width);
  for (let column = 0; column < cutout.width; column++) {
    line[column] = between(standing, column + 0.5);
    gaps[column] = Math.max(line[column] - between(middles, column + 0.5), 0);
  }
  const subject = [corners[0][0], corners.at(-1)[0]];
  const [left, right] = [standing[0][0], standing.at(-1)[0]];
  const half = Math.max(right - left, NARROWEST * (subject[1] - subject[0])) / 2;
  const middle = (left + right) / 2;
  const cut = middles.filter(([, y]) => y > bottom - 1).map(([x]) => Math.floor(x));
  const fromCut = columnsTo(cut, cutout.width);
  return { line, gaps, stands: [middle - half, middle + half], subject, lowest: Math.max(...middles.map(([, y]) => y)), fromCut };
}

/** How many columns it is from each of `width` to the nearest one of these, from left to right; infinite without any. */
function columnsTo(columns, width) {
  const away = new Float32Array(width).fill(Infinity);
  for (const column of columns) away[column] = 0;
  for (let column = 1; column < width; column++) away[column] = Math.min(away[column], away[column - 1] + 1);
  for (let column = width - 2; column >= 0; column--) away[column] = Math.min(away[column], away[column + 1] + 1);
  return away;
}

/** The two ends [x, y] of the lower side of each column's lowest pixel, from left to right. */
function lowerSides(cutout) {
  const { width, height } = cutout;
  const { data } = cutout.getContext("2d").getImageData(0, 0, width, height);
  const corners = [];
  for (let x = 0; x < width; x++) {
    let y = height - 1;
    while (y >= 0 && data[4 * (y * width + x) + 3] < HALF) y--;
    if (y >= 0) corners.push([x, y + 1], [x + 1, y + 1]);
  }
  return corners;
}

/** The corners of the lower convex hull (Andrew's monotone chain). */
function lowerHull(corners) {
  const hull = [];
  for (const [x, y] of corners.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const isAbove = ([left, top], [middle, row]) => (row - top) * (x - left) <= (y - top) * (middle - left);
    while (hull.length > 1 && isAbove(hull.at(-2), hull.at(-1))) hull.pop();
    hull.push([x, y]);
  }
  return hull;
}

/** The corners of a hull around its lowest one, as far as it isn't too steep. */
function nearLowest(hull) {
  const rise = (higher, lower) => (lower[1] - higher[1]) / Math.abs(lower[0] - higher[0]);
  const rows = hull.map(([, y]) => y);
  const lowest = rows.indexOf(Math.max(...rows));
  let [first, last] = [lowest, lowest];
  while (first > 0 && rise(hull[first - 1], hull[first]) <= STEEPEST) first--;
  while (last < hull.length - 1 && rise(hull[last + 1], hull[last]) <= STEEPEST) last++;
  return hull.slice(first, last + 1);
}

/** The y at x of a line through points [x, y], from left to right; level beside them. */
function between(points, x) {
  if (x <= points[0][0]) return points[0][1];
  if (x >= points.at(-1)[0]) return points.at(-1)[1];
  let [low, high] = [0, points.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle][0] <= x) low = middle;
    else high = middle;
  }
  const [[left, from], [right, to]] = [points[low], points[high]];
  return from + ((to - from) * (x - left)) / (right - left);
}
