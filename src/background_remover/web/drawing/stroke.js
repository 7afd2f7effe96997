/** Applies a brush stroke, `{ mode, radius, points }` in pixels of the picture, to a part of a cutout. */

import { copy } from "./canvas.js";

/** The modes of a stroke: kept, erased, or left to the server to find, as hair. */
export const BRUSHES = ["keep", "erase", "refine"];

/** Of a stroke's radius: within it all is as painted. */
export const CORE = 0.75;
const REACH = 1.25; // of a stroke's radius: between the two the server finds the edge
const MARGIN = 0.5; // of a stroke's radius, beyond its reach: whose colours the server compares
const LEAST_MARGIN = 16; // pixels
const BAND = 128; // rows that are worked out at once

/** Draws a stroke with a brush of this radius, in a colour or whatever else a canvas draws with. */
export function draw(context, { points }, radius, style) {
  const [first] = points;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = style;
  context.lineWidth = 2 * radius;
  context.beginPath();
  context.moveTo(first.x - 0.01, first.y); // a line of no length would not be drawn
  for (const point of points) context.lineTo(point.x, point.y);
  context.stroke();
}

/** How far from its line a stroke changes something, or its edge is found by what is there. */
export function farthest({ radius }) {
  return radius * REACH + Math.max(radius * MARGIN, LEAST_MARGIN);
}

/** Within how far of its line a stroke changes something. */
export function reachOf({ mode, radius }) {
  return mode === "refine" ? radius : radius * REACH;
}

/** The box of what a stroke changes and of the surroundings that its edge is found by, within a frame. */
export function boxOf(stroke, { width, height }) {
  const { points } = stroke;
  const far = farthest(stroke);
  const [left, right] = span(points.map((point) => point.x), far, width);
  const [top, bottom] = span(points.map((point) => point.y), far, height);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The first pixel and the one after the last of what is as near to these values as `far`, within [0, length). */
function span(values, far, length) {
  const [least, most] = values.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [Infinity, -Infinity]);
  const first = Math.min(Math.max(Math.floor(least - far), 0), length - 1);
  return [first, Math.max(Math.min(Math.ceil(most + far), length), first + 1)];
}

/**
 * The parts of a stroke's box that hold all that is within `far` of its line, from above: of a long stroke they are a small share
 * of the box. In pixels of the box, each as wide as it has to be.
 */
export function bandsOf(stroke, box, far = farthest(stroke)) {
  const points = stroke.points.map(({ x, y }) => ({ x: x - box.x, y: y - box.y }));
  const made = [];
  for (let y = 0; y < box.height; y += BAND) {
    const height = Math.min(BAND, box.height - y);
    const [least, most] = extentOf(points, y - far, y + height + far);
    if (most < least) continue;
    const x = Math.max(Math.floor(least - far), 0);
    const right = Math.min(Math.ceil(most + far), box.width);
    if (right > x) made.push({ x, y, width: right - x, height });
  }
  return made;
}

/** The least and the most x of a line through points where its y is between two others. */
function extentOf(points, top, bottom) {
  let [least, most] = [Infinity, -Infinity];
  const take = (x) => ([least, most] = [Math.min(least, x), Math.max(most, x)]);
  points.forEach((to, index) => {
    const from = points[Math.max(index - 1, 0)];
    if (Math.max(from.y, to.y) < top || Math.min(from.y, to.y) > bottom) return;
    for (const y of [from.y, to.y]) {
      const share = from.y === to.y ? null : (Math.min(Math.max(y, top), bottom) - from.y) / (to.y - from.y);
      if (share === null) [from.x, to.x].forEach(take);
      else take(from.x + share * (to.x - from.x));
    }
  });
  return [least, most];
}

/**
 * The part of a cutout in a stroke's box with the stroke in it: `original`, the whole picture, within its radius, or
 * nothing; what is to be refined is as before until the server has.
 */
export function painted(before, original, stroke, box) {
  const after = copy(before);
  if (stroke.mode !== "refine") empty(after, stroke, box, stroke.radius);
  if (stroke.mode === "keep") addWithin(after, original, { x: 0, y: 0 }, stroke, box, stroke.radius);
  return after;
}

/** The same part without all that the stroke may change. */
export function emptied(before, stroke, box) {
  const after = copy(before);
  empty(after, stroke, box, reachOf(stroke));
  return after;
}

/** Adds what the server made of the part to such a one, near the stroke alone. */
export function addRefined(after, solved, stroke, box) {
  addWithin(after, solved, box, stroke, box, reachOf(stroke));
}

/** Empties a part, in its box, within a radius of a stroke. */
export function empty(part, stroke, box, radius) {
  strokeWith(part, stroke, box, radius, { operation: "destination-out", style: "#000" });
}

/** Adds what is in `source`, whose corner is at the place `at` of the picture, to a part within a radius of a stroke. */
export function addWithin(part, source, at, stroke, box, radius) {
  const style = part.getContext("2d").createPattern(source, "no-repeat");
  style.setTransform(new DOMMatrix([1, 0, 0, 1, at.x, at.y]));
  strokeWith(part, stroke, box, radius, { operation: "lighter", style });
}

function strokeWith(part, stroke, box, radius, { operation, style }) {
  const context = part.getContext("2d");
  context.globalCompositeOperation = operation;
  context.translate(-box.x, -box.y);
  draw(context, stroke, radius, style);
  context.resetTransform();
  context.globalCompositeOperation = "source-over";
}

/** The alpha of a cutout as opaque grey levels on a new canvas; `original` is given where it has transparent pixels itself. */
export function greys(cutout, original = null) {
  const made = copy(cutout);
  const context = made.getContext("2d");
  if (original) undoOpacity(context, copy(original, made.width, made.height));
  context.globalCompositeOperation = "source-in";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, made.width, made.height);
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = "#000";
  context.fillRect(0, 0, made.width, made.height);
  context.globalCompositeOperation = "source-over";
  return made;
}

/** Takes the picture's own opacity out of the alpha: the server multiplies by it again. */
function undoOpacity(context, original) {
  const { width, height } = original;
  const image = context.getImageData(0, 0, width, height);
  const own = original.getContext("2d").getImageData(0, 0, width, height).data;
  for (let at = 3; at < own.length; at += 4) {
    image.data[at] = own[at] ? Math.min(255, Math.round((image.data[at] * 255) / own[at])) : 0;
  }
  context.putImageData(image, 0, 0);
}

/** Puts a part in its place. */
export function put(cutout, box, piece) {
  const context = cutout.getContext("2d");
  context.clearRect(box.x, box.y, box.width, box.height);
  context.drawImage(piece, box.x, box.y);
}
