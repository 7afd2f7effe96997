/** Shadows on the page, approximately those of the server (`compositing/floor_shadow.py`, `drop_shadow.py`). */

import { blurred, canvas, filled, within } from "./canvas.js";
import { floorBelow } from "./floor.js";

const SHARPEST = 6; // pixels: a blur of more than this is made at a smaller size
const FLATNESS = 0.14; // height of an ellipse on the floor as a share of its width
const FLOATING = 0.75; // width of the shadow of what floats, as a share of the subject's
const [WIDE, CORE, IN_GAPS, KEPT, FADE] = [0.85, 0.4, 0.5, 0.5, 0.5]; // of a contact shadow's two parts, as on the server
const STEPS = 17; // ellipses along the offset

/**
 * The shadow of a cutout in black, as large or smaller: `kind`, `offset` { right, down } and `radius` in its pixels, of which
 * those above the row `bottom` are shown.
 */
export function shadowOf(cutout, kind, offset, radius, bottom = cutout.height) {
  if (kind === "drop") return softened(moved(filled(cutout, "#000"), offset), radius);
  const factor = Math.min(1, SHARPEST / (radius * CORE));
  const small = within(cutout, Math.max(cutout.width, cutout.height) * factor);
  const floor = floorBelow(small, bottom * (small.height / cutout.height));
  if (!floor) return canvas(1, 1);
  const make = kind === "contact" ? contact : floating;
  return make(small, floor, { right: offset.right * factor, down: offset.down * factor }, radius * factor);
}

/** A canvas blurred by a Gaussian, at a smaller size where that shows as much. */
export function softened(source, radius) {
  const factor = Math.min(1, SHARPEST / radius);
  return blurred(within(source, Math.max(source.width, source.height) * factor), radius * factor);
}

function moved(shape, { right, down }) {
  const made = canvas(shape.width, shape.height);
  made.getContext("2d").drawImage(shape, Math.round(right), Math.round(down));
  return made;
}

function contact({ width, height }, floor, offset, radius) {
  const half = (floor.stands[1] - floor.stands[0]) / 2;
  const tall = half * FLATNESS + radius * KEPT;
  const touching = (column) => 1 / (1 + floor.gaps[column] / (half * FLATNESS));
  const seen = (column) => smoothstep(floor.fromCut[column] / (half * FADE)); // where the subject is cut no floor is seen
  const core = bands(width, height, [{ right: 0, down: 0 }], (column, step) => {
    return ellipse(floor, column, step, tall * CORE, seen(column) * touching(column) ** 2);
  });
  const steps = Array.from({ length: STEPS }, (_, step) => step / (STEPS - 1));
  const along = steps.map((share) => ({ right: offset.right * share, down: offset.down * share }));
  const wide = bands(width, height, along, (column, step) => {
    const at = Math.min(Math.max(Math.round(column - step.right), 0), width - 1);
    const dark = seen(at) * WIDE * (IN_GAPS + (1 - IN_GAPS) * touching(at));
    return ellipse(floor, at, step, tall, dark, column - step.right);
  });
  const made = canvas(width, height);
  const context = made.getContext("2d");
  context.drawImage(softened(wide, radius), 0, 0, width, height);
  context.drawImage(softened(core, radius * CORE), 0, 0, width, height);
  return made;
}

function ellipse({ line, stands: [left, right] }, at, { down }, tall, dark, x = at) {
  const high = tall * arch(x + 0.5, (left + right) / 2, (right - left) / 2);
  return { top: line[at] + down - high, bottom: line[at] + down + high, dark };
}

function floating({ width, height }, { subject: [left, right], lowest }, offset, radius) {
  const half = (FLOATING * (right - left)) / 2;
  const tall = half * FLATNESS + radius * KEPT;
  const row = lowest + offset.down + tall;
  const shape = bands(width, height, [offset], (column) => {
    const high = tall * arch(column + 0.5, (left + right) / 2 + offset.right, half);
    return { top: row - high, bottom: row + high, dark: 1 };
  });
  return softened(shape, radius);
}

/** A black canvas that holds, in each column, the union of what `of(column, step)` gives: `{ top, bottom, dark }`. */
function bands(width, height, steps, of) {
  const image = new ImageData(width, height);
  for (let column = 0; column < width; column++) {
    const parts = steps.map((step) => of(column, step)).filter(({ top, bottom }) => bottom > top);
    if (!parts.length) continue;
    const top = Math.min(...parts.map((part) => part.top));
    const bottom = Math.max(...parts.map((part) => part.bottom));
    const dark = 255 * Math.max(...parts.map((part) => part.dark));
    for (let row = Math.max(Math.floor(top), 0); row < Math.min(bottom, height); row++) {
      const covered = Math.min(row + 1, bottom) - Math.max(row, top);
      image.data[4 * (row * width + column) + 3] = Math.round(dark * Math.min(Math.max(covered, 0), 1));
    }
  }
  const made = canvas(width, height);
  made.getContext("2d").putImageData(image, 0, 0);
  return made;
}

/** A smooth rise from 0 at 0 to 1 at 1 and above. */
function smoothstep(share) {
  const most = Math.min(share, 1);
  return most * most * (3 - 2 * most);
}

/** The upper half of a circle over a span: from 0 at its ends to 1 in the middle, and 0 outside. */
function arch(at, middle, half) {
  return Math.sqrt(Math.max(1 - ((at - middle) / half) ** 2, 0));
}
