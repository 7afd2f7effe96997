/** Strokes of the brushes: the trimap they make of a mask, and what of the server's answer they let in. */

import { canvas, copy, part, png } from "./canvas.js";

const CORE = 0.75; // of a stroke's radius: within it all is as painted
const REACH = 1.25; // of a stroke's radius: between the two the server finds the edge
const FINEST = 2048; // longest side of a trimap
const SURE = 250; // an alpha of so much is kept by "keep", and one as far from the other end by "erase"
const UNKNOWN = 128;

/** Draws strokes, `{ mode, radius, points }` in pixels of the picture, at `factor` times their size. */
export function draw(context, strokes, factor, widthOf, colourOf) {
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.strokeStyle = colourOf(stroke);
    context.lineWidth = 2 * widthOf(stroke) * factor;
    context.beginPath();
    const [first] = stroke.points;
    context.moveTo(first.x * factor - 0.01, first.y * factor); // a line of no length would not be drawn
    for (const point of stroke.points) context.lineTo(point.x * factor, point.y * factor);
    context.stroke();
  }
}

/** The alpha of a cutout as opaque grey levels on a new canvas; `original` is given where it has clear pixels itself. */
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

/**
 * The trimap of a cutout with strokes in it, a Promise of a PNG of levels 0, 128 and 255.
 *
 * It is 128 around a stroke's border, but for what is there already: to keep never takes away, to erase never adds.
 */
export function trimap(cutout, original, strokes) {
  const factor = Math.min(1, FINEST / Math.max(cutout.width, cutout.height));
  const mask = greys(copy(cutout, cutout.width * factor, cutout.height * factor), original);
  const context = mask.getContext("2d");
  const image = context.getImageData(0, 0, mask.width, mask.height);
  const touched = new Uint8Array(mask.width * mask.height);
  for (const stroke of strokes) mark(image, touched, stroke, factor);
  for (let at = 0; at < touched.length; at++) {
    const level = touched[at] ? image.data[4 * at] : image.data[4 * at] >= UNKNOWN ? 255 : 0;
    image.data.fill(level, 4 * at, 4 * at + 3);
  }
  context.putImageData(image, 0, 0);
  return png(mask);
}

/** Writes one stroke into the red levels of a mask. */
function mark(image, touched, stroke, factor) {
  const box = around([stroke], factor, image);
  const shape = layer(box, (context) => {
    draw(context, [stroke], factor, (one) => one.radius * REACH, () => "#f00");
    draw(context, [stroke], factor, (one) => one.radius * CORE, () => "#ff0");
  });
  const { data } = shape.getContext("2d").getImageData(0, 0, box.width, box.height);
  const wanted = stroke.mode === "keep" ? 255 : 0;
  for (let y = 0, from = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++, from += 4) {
      if (data[from + 3] < 128) continue;
      const at = (box.y + y) * image.width + box.x + x;
      const isThere = wanted ? image.data[4 * at] >= SURE : image.data[4 * at] <= 255 - SURE;
      image.data[4 * at] = data[from + 1] >= 128 || isThere ? wanted : UNKNOWN;
      touched[at] = 1;
    }
  }
}

/**
 * Takes what the server made of a trimap into the cutout, near the strokes alone.
 *
 * Gives `{ box, before, after }`: what was there and what is there now, for `put`.
 */
export function merge(cutout, solved, strokes) {
  const box = around(strokes, 1, cutout);
  const before = part(cutout, box);
  const near = layer(box, (context) => draw(context, strokes, 1, (stroke) => stroke.radius * REACH, () => "#000"));
  const fresh = part(solved, box);
  compose(fresh, near, "destination-in");
  const after = copy(before);
  compose(after, near, "destination-out");
  compose(after, fresh, "lighter");
  put(cutout, box, after);
  return { box, before, after };
}

/** Puts a piece that `merge` gave in its place. */
export function put(cutout, box, piece) {
  const context = cutout.getContext("2d");
  context.clearRect(box.x, box.y, box.width, box.height);
  context.drawImage(piece, box.x, box.y);
}

function layer(box, paint) {
  const made = canvas(box.width, box.height);
  const context = made.getContext("2d");
  context.translate(-box.x, -box.y);
  paint(context);
  return made;
}

function compose(target, source, operation) {
  const context = target.getContext("2d");
  context.globalCompositeOperation = operation;
  context.drawImage(source, 0, 0);
  context.globalCompositeOperation = "source-over";
}

/** The box around all that strokes reach at `factor` times their size, within a frame. */
function around(strokes, factor, { width, height }) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (const stroke of strokes) {
    const far = stroke.radius * REACH * factor + 1;
    for (const point of stroke.points) {
      const [x, y] = [point.x * factor, point.y * factor];
      left = Math.min(left, x - far);
      top = Math.min(top, y - far);
      right = Math.max(right, x + far);
      bottom = Math.max(bottom, y + far);
    }
  }
  const x = Math.min(Math.max(Math.floor(left), 0), width - 1);
  const y = Math.min(Math.max(Math.floor(top), 0), height - 1);
  return {
    x,
    y,
    width: Math.max(Math.min(Math.ceil(right), width) - x, 1),
    height: Math.max(Math.min(Math.ceil(bottom), height) - y, 1),
  };
}
