/** A stroke of a brush, `{ mode, radius, points }` in pixels of the picture: what it makes of a part of a cutout. */

import { canvas, copy } from "./canvas.js";

/** The modes of a stroke: kept, erased, or left to the server to find, as hair. */
export const BRUSHES = ["keep", "erase", "refine"];

const CORE = 0.75; // of a stroke's radius: within it all is as painted
const REACH = 1.25; // of a stroke's radius: between the two the server finds the edge
const MARGIN = 0.5; // of a stroke's radius, beyond its reach: whose colours the server compares
const LEAST_MARGIN = 16; // pixels
const BLURRED = 32; // times smaller is what is sent of the rest of a stroke's box
const FINEST = 2048; // longest side of a trimap
const SURE = 250; // an alpha of so much is kept by "keep", and one as far from the other end by "erase"
const UNKNOWN = 128;
const WANTED = { keep: 255, erase: 0, refine: UNKNOWN }; // levels of a trimap within a stroke

/** Draws a stroke with a brush of this radius. */
export function draw(context, { points }, radius, colour) {
  const [first] = points;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = colour;
  context.lineWidth = 2 * radius;
  context.beginPath();
  context.moveTo(first.x - 0.01, first.y); // a line of no length would not be drawn
  for (const point of points) context.lineTo(point.x, point.y);
  context.stroke();
}

/** How far from its line a stroke changes something, or its edge is found by what is there. */
function farthest({ radius }) {
  return radius * REACH + Math.max(radius * MARGIN, LEAST_MARGIN);
}

/** Within how far of its line a stroke changes something. */
function reachOf({ mode, radius }) {
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
 * The part of a cutout in a stroke's box with the stroke in it: `original` within its radius, or nothing; what is to be
 * refined is as before until the server has.
 */
export function painted(before, original, stroke, box) {
  if (stroke.mode === "refine") return copy(before);
  const shape = shapeOf(stroke, box, stroke.radius);
  const after = copy(before);
  compose(after, shape, "destination-out");
  if (stroke.mode === "erase") return after;
  compose(shape, original, "source-in");
  compose(after, shape, "lighter");
  return after;
}

/** The same part with what the server made of it, near the stroke alone. */
export function refined(before, solved, stroke, box) {
  const fresh = shapeOf(stroke, box, reachOf(stroke));
  const after = copy(before);
  compose(after, fresh, "destination-out");
  compose(fresh, solved, "source-in");
  compose(after, fresh, "lighter");
  return after;
}

/** What of the picture the server needs for a stroke, in its box: what is near the stroke, and the rest without detail. */
export function surroundings(original, stroke, box) {
  const made = copy(copy(original, box.width / BLURRED, box.height / BLURRED), box.width, box.height);
  const near = shapeOf(stroke, box, farthest(stroke));
  compose(made, near, "destination-out");
  compose(near, original, "source-in");
  compose(made, near, "lighter");
  return made;
}

/**
 * The trimap of that part with the stroke in it, a canvas of levels 0, 128 and 255; null where nothing is unknown.
 *
 * It is 128 around the stroke's border, but for what is there already: to keep never takes away, to erase never adds. Of
 * what is to be refined all is 128.
 * `original` is given where it has transparent pixels.
 */
export function trimap(before, original, stroke, box) {
  const factor = Math.min(1, FINEST / Math.max(box.width, box.height));
  const mask = greys(copy(before, before.width * factor, before.height * factor), original);
  const context = mask.getContext("2d");
  const image = context.getImageData(0, 0, mask.width, mask.height);
  const { data } = image;
  const isUnknown = mark(data, zones(stroke, box, mask), WANTED[stroke.mode]);
  if (!isUnknown) return null;
  for (let at = 0; at < data.length; at += 4) data[at + 1] = data[at + 2] = data[at];
  context.putImageData(image, 0, 0);
  return mask;
}

/** Where a stroke lies in its box, as levels at the size of `frame`: alpha where it reaches, green in its core. */
function zones(stroke, box, frame) {
  const made = layer(box, frame, (context) => {
    draw(context, stroke, reachOf(stroke), "#f00");
    draw(context, stroke, stroke.radius * CORE, "#ff0");
  });
  return made.getContext("2d").getImageData(0, 0, frame.width, frame.height).data;
}

/** Makes the red levels of a mask those of a trimap, where the stroke wants 0, 128 or 255: whether any is unknown. */
function mark(data, zone, wanted) {
  let isUnknown = false;
  for (let at = 0; at < data.length; at += 4) {
    const isThere = (wanted === 255 && data[at] >= SURE) || (wanted === 0 && data[at] <= 255 - SURE);
    if (zone[at + 3] < 128) data[at] = data[at] >= UNKNOWN ? 255 : 0;
    else data[at] = zone[at + 1] >= 128 || isThere ? wanted : UNKNOWN;
    isUnknown ||= data[at] === UNKNOWN;
  }
  return isUnknown;
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

function shapeOf(stroke, box, radius) {
  return layer(box, box, (context) => draw(context, stroke, radius, "#000"));
}

/** A canvas of the size of `frame` on which `paint(context)` draws what is in a box of the picture. */
function layer(box, frame, paint) {
  const made = canvas(frame.width, frame.height);
  const context = made.getContext("2d");
  context.scale(frame.width / box.width, frame.height / box.height);
  context.translate(-box.x, -box.y);
  paint(context);
  context.resetTransform();
  return made;
}

function compose(target, source, operation) {
  const context = target.getContext("2d");
  context.globalCompositeOperation = operation;
  context.drawImage(source, 0, 0);
  context.globalCompositeOperation = "source-over";
}
