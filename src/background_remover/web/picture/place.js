/** The position, scale and rotation of a subject on its canvas, as the server places it (`compositing/layout.py`). */

const LARGEST = 64e6; // pixels of an enlarged subject: the server makes all of it, also what is beyond the canvas
const [SMALLEST_FACTOR, LARGEST_FACTOR] = [0.05, 10];
const LEAST_INSIDE = 0.04; // of a side of the canvas: what stays of the subject in sight, at least
const QUARTER = 90; // degrees

/**
 * The place of a subject that stays where its layout has it, `{ x, y, scale, angle }`: the middle of its box in shares of the
 * frame, how many times as large, and degrees clockwise.
 */
export function restingPlace({ box, frame }) {
  const x = (box.x + box.width / 2 - frame.x) / frame.width;
  const y = (box.y + box.height / 2 - frame.y) / frame.height;
  return Object.freeze({ x, y, scale: 1, angle: 0 });
}

/** What maps pixels of the cutout to where they are shown in the frame, as a `DOMMatrix`. */
export function matrixOf({ box, frame, place }) {
  return new DOMMatrix()
    .translate(frame.x + place.x * frame.width, frame.y + place.y * frame.height)
    .rotate(place.angle)
    .scale(place.scale)
    .translate(-(box.x + box.width / 2), -(box.y + box.height / 2));
}

/** The corners of a placed subject in pixels of the picture, clockwise from what was its upper left one. */
export function cornersOf(layout) {
  const { x, y, width, height } = layout.subject;
  const matrix = matrixOf(layout);
  const corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
  return corners.map(([right, down]) => matrix.transformPoint({ x: right, y: down }));
}

/** A place within bounds: of the scale, and so that some of the subject stays in sight. */
export function limited(layout, place) {
  const { box, factor, reduced } = layout;
  const area = box.width * box.height * (factor / layout.place.scale / reduced) ** 2; // in pixels of the canvas, at scale 1
  const most = Math.max(Math.min(LARGEST_FACTOR, Math.sqrt(LARGEST / area)), 1);
  const scaled = { ...place, scale: Math.min(Math.max(place.scale, SMALLEST_FACTOR), most), angle: around(place.angle) };
  const { left, right, top, bottom } = extentOf({ ...layout, place: scaled });
  const x = scaled.x + Math.max(LEAST_INSIDE - right, 0) - Math.max(left - 1 + LEAST_INSIDE, 0);
  const y = scaled.y + Math.max(LEAST_INSIDE - bottom, 0) - Math.max(top - 1 + LEAST_INSIDE, 0);
  return Object.freeze({ ...scaled, x, y });
}

/**
 * A place that is drawn to the frame's middle and edges where it is near: `{ place, guides }`, the guides being what it was
 * drawn to, `{ x }` or `{ y }` in shares of the frame. `slack` is how near, `{ middle, edge }` in pixels of the picture.
 */
export function snapped(layout, place, slack) {
  const extent = extentOf({ ...layout, place });
  const { frame } = layout;
  const across = nearest([extent.left, extent.right], slack, frame.width);
  const down = nearest([extent.top, extent.bottom], slack, frame.height);
  const guides = [across && { x: across.at }, down && { y: down.at }].filter(Boolean);
  const moved = { ...place, x: place.x + (across?.by ?? 0), y: place.y + (down?.by ?? 0) };
  return { place: Object.freeze(moved), guides };
}

/** An angle that is drawn to multiples of `step` degrees where it is within `slack`. */
export function snappedAngle(angle, step, slack) {
  const wanted = Math.round(angle / step) * step;
  return Math.abs(wanted - angle) <= slack ? wanted : angle;
}

/** Degrees to the next multiple of a quarter turn that a drag is drawn to. */
export const QUARTERS = { step: QUARTER, slack: 3 };

/** The server's field. */
export function placeField({ x, y, scale, angle }) {
  return `${share(x)},${share(y)},${scale.toFixed(5)},${angle.toFixed(2)}`;
}

function share(part) {
  return `${(100 * part).toFixed(4)}%`;
}

/** The ends of a placed subject in shares of the frame. */
function extentOf(layout) {
  const { frame } = layout;
  const corners = cornersOf(layout);
  const xs = corners.map(({ x }) => (x - frame.x) / frame.width);
  const ys = corners.map(({ y }) => (y - frame.y) / frame.height);
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

/** What the ends of a span are drawn to on a side of so many pixels, `{ at, by }` in shares of it; null where nothing is near. */
function nearest([start, end], { middle, edge }, length) {
  const candidates = [
    { at: 0.5, by: 0.5 - (start + end) / 2, within: middle },
    { at: 0, by: -start, within: edge },
    { at: 1, by: 1 - end, within: edge },
  ];
  return candidates.find(({ by, within }) => Math.abs(by) * length <= within) ?? null;
}

/** An angle in (-180, 180]. */
function around(angle) {
  return angle - 360 * Math.ceil((angle - 180) / 360);
}
