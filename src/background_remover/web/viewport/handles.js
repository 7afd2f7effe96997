/** The handles of a subject that is placed: four corners to scale, one below to rotate, and guide lines. */

const RADIUS = 7; // of a handle, in pixels of the screen
const STEM = 30; // from the subject's lower edge to the handle that turns it
const LEAST = 28; // half a side of the frame around a small subject, so that it can still be taken
const INSET = 14; // handles stay that far inside the view
const LIGHT = "#fff";
const DARK = "rgb(0 0 0 / 0.75)";
const ACCENT = "#3a56d4";
const GUIDE = "#e5317f";
const BAND = "rgb(58 86 212 / 0.25)";
const DASHES = [7, 5];

/**
 * The handles of a subject with these corners in pixels of the screen, turned by `angle` degrees, in a view of this size:
 * `{ middle, corners, turn, outline }`, where handles stay inside the view.
 */
export function handlesOf(corners, angle, { width, height }) {
  const middle = { x: (corners[0].x + corners[2].x) / 2, y: (corners[0].y + corners[2].y) / 2 };
  const [wide, high] = [between(corners[0], corners[1]) / 2, between(corners[1], corners[2]) / 2].map((half) => Math.max(half, LEAST));
  const turned = new DOMMatrix().translate(middle.x, middle.y).rotate(angle);
  const at = (x, y) => turned.transformPoint({ x, y });
  const outline = [at(-wide, -high), at(wide, -high), at(wide, high), at(-wide, high)];
  const inside = ({ x, y }) => ({ x: clamp(x, INSET, width - INSET), y: clamp(y, INSET, height - INSET) });
  return { middle, outline, corners: outline.map(inside), turn: inside(at(0, high + STEM)), foot: at(0, high) };
}

/** What of them is at a place, within `reach` pixels: "turn", "scale", "move" for the subject itself, or "". */
export function handleAt({ corners, turn, outline }, place, reach) {
  if (between(turn, place) <= reach) return "turn";
  if (corners.some((corner) => between(corner, place) <= reach)) return "scale";
  return isInside(outline, place, reach / 2) ? "move" : "";
}

/** Draws lines `[from, to]` that the subject snaps to, in pixels of the screen. */
export function drawGuides(context, guides) {
  for (const [from, to] of guides) line(context, [from, to], GUIDE, 1.5);
}

/** Draws the lines of chin and crown for a passport, and between the crown's two, where it may be; each is `[from, to]`. */
export function drawHead(context, { chin, tallest, shortest }) {
  context.fillStyle = BAND;
  context.fillRect(tallest[0].x, tallest[0].y, tallest[1].x - tallest[0].x, shortest[0].y - tallest[0].y);
  context.setLineDash(DASHES);
  for (const one of [tallest, shortest, chin]) {
    line(context, one, DARK, 3);
    line(context, one, LIGHT, 1.5);
  }
  context.setLineDash([]);
}

/** Draws the handles. */
export function drawHandles(context, { outline, corners, turn, foot }) {
  for (const [colour, width] of [[DARK, 3], [LIGHT, 1.5]]) {
    line(context, [...outline, outline[0]], colour, width);
    line(context, [foot, turn], colour, width);
  }
  for (const corner of corners) knob(context, corner, LIGHT);
  knob(context, turn, ACCENT);
}

function knob(context, { x, y }, fill) {
  context.beginPath();
  context.arc(x, y, RADIUS, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = fill === LIGHT ? DARK : LIGHT;
  context.stroke();
}

function line(context, points, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  for (const { x, y } of points) context.lineTo(x, y);
  context.stroke();
}

/** Whether a place is inside a rectangle, given by its corners, or no more than `by` pixels beside it. */
function isInside([first, second, , last], { x, y }, by) {
  const along = (corner) => {
    const length = between(first, corner);
    const far = ((x - first.x) * (corner.x - first.x) + (y - first.y) * (corner.y - first.y)) / length;
    return far >= -by && far <= length + by;
  };
  return along(second) && along(last);
}

function between(one, other) {
  return Math.hypot(other.x - one.x, other.y - one.y);
}

function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most);
}
