/** Strokes of the brushes: the mask they correct, and what of the server's answer they let in. */

import { canvas, copy, part, png } from "./canvas.js";

const CORE = 0.6; // of a stroke's width: as painted, whatever the edges say
const FINEST = 1024; // longest side of a corrected mask; one as large as the picture would not be refined
const COARSEST = 256;
const ACROSS = 6; // pixels of the corrected mask that a stroke is wide

/** Draws strokes, `{ mode, radius, points }` in pixels of the picture, at `factor` times their size. */
export function draw(context, strokes, factor, widthOf, colourOf) {
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.strokeStyle = colourOf(stroke);
    context.lineWidth = 2 * widthOf(stroke) * factor;
    context.beginPath();
    const [first, ...rest] = stroke.points;
    context.moveTo(first.x * factor, first.y * factor);
    for (const point of rest.length ? rest : [first]) context.lineTo(point.x * factor, point.y * factor);
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

/** The mask to be refined, a Promise of a PNG: the cutout's alpha with the strokes in it, coarse as the strokes are. */
export function corrected(cutout, original, strokes) {
  const longer = Math.max(cutout.width, cutout.height);
  const finest = Math.min(...strokes.map((stroke) => stroke.radius));
  const wanted = Math.min(Math.max((longer * ACROSS) / (2 * finest), COARSEST), FINEST, longer / 1.5);
  const factor = wanted / longer;
  const width = cutout.width * factor;
  const height = cutout.height * factor;
  const mask = greys(copy(cutout, width, height), original);
  const paint = (stroke) => (stroke.mode === "keep" ? "#fff" : "#000");
  draw(mask.getContext("2d"), strokes, factor, (stroke) => stroke.radius, paint);
  return { png: png(mask), pixel: 1 / factor };
}

/**
 * Takes what the server refined into the cutout, near the strokes alone; the middle of a stroke is as it was painted.
 *
 * Gives `{ box, before, after }`: what was there and what is there now, for `put`. `pixel` is the size of a pixel of
 * the corrected mask: that far beyond a stroke its edge may lie.
 */
export function merge(cutout, original, refined, strokes, pixel) {
  const reach = (stroke) => stroke.radius + 3 * pixel;
  const box = around(strokes, reach, cutout);
  const before = part(cutout, box);
  const near = layer(box, (context) => draw(context, strokes, 1, reach, () => "#000"));
  const fresh = part(refined, box);
  compose(fresh, near, "destination-in");
  const result = copy(before);
  compose(result, near, "destination-out");
  compose(result, fresh, "lighter");
  for (const stroke of strokes) {
    const core = layer(box, (context) => draw(context, [stroke], 1, (one) => one.radius * CORE, () => "#000"));
    if (stroke.mode === "keep") {
      compose(core, part(original, box), "source-in");
      compose(result, core, "source-over");
    } else {
      compose(result, core, "destination-out");
    }
  }
  put(cutout, box, result);
  return { box, before, after: result };
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

/** The box around strokes, within the cutout. */
function around(strokes, reach, { width, height }) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (const stroke of strokes) {
    const far = reach(stroke) + 1;
    for (const { x, y } of stroke.points) {
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
