/** A subject put on a canvas anywhere, resized and turned, to Pillow's values (compositing/layout.py). */

import { rounded } from "../arrays/size.js";
import { LocalFailure } from "../failure.js";
import { pixels } from "../parameters/lengths.js";
import { layer, multiplied, place, resized, straight } from "./layers.js";

const FRAME = 2; // transparent pixels around what is turned: its straight borders would be jagged
const MOST_MEGAPIXELS = 250;

/** Return `{ right, down, factor, angle }` of the text of `place` for a canvas; null without one. Throws `LocalFailure`. */
export function readPlace(text, { height, width }) {
  if (!text) return null;
  const parts = text.split(",");
  const [factor, angle] = [Number(parts[2] ?? 1), Number(parts[3] ?? 0)];
  const made = { right: pixels(parts[0], width), down: pixels(parts[1] ?? "", height), factor, angle };
  if (parts.length <= 4 && Object.values(made).every(Number.isFinite) && factor > 0 && factor <= 100) return made;
  throw new LocalFailure("refused", `place is ${text}; give X,Y and perhaps SCALE and ANGLE, as in 50%,60%,1.2,-8`);
}

/** Return a transparent canvas with a cutout's middle so far right and down, its sides times `factor`, turned clockwise. */
export function placed(cutout, canvas, { right, down, factor, angle }) {
  if (cutout.height * cutout.width * factor ** 2 > MOST_MEGAPIXELS * 1e6) {
    throw new LocalFailure("refused", `place makes the subject larger than ${MOST_MEGAPIXELS} megapixels; give a smaller scale`);
  }
  const size = { height: Math.max(1, rounded(cutout.height * factor)), width: Math.max(1, rounded(cutout.width * factor)) };
  const scaled = resized(cutout, size);
  if (angle % 360 !== 0) return turned(framed(scaled), canvas, { right, down }, (angle * Math.PI) / 180);
  const made = layer(canvas);
  place(scaled, made, rounded(down - size.height / 2), rounded(right - size.width / 2));
  return made;
}

function framed(cutout) {
  const made = layer({ height: cutout.height + 2 * FRAME, width: cutout.width + 2 * FRAME });
  place(cutout, made, FRAME, FRAME);
  return made;
}

function turned(cutout, canvas, { right, down }, angle) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const source = multiplied(cutout);
  const made = layer(canvas);
  for (let y = 0, at = 0; y < canvas.height; y += 1) {
    for (let x = 0; x < canvas.width; x += 1, at += 4) {
      const [beside, below] = [x + 0.5 - right, y + 0.5 - down];
      const column = cutout.width / 2 + cos * beside + sin * below;
      const row = cutout.height / 2 - sin * beside + cos * below;
      if (column >= 0 && column < cutout.width && row >= 0 && row < cutout.height) sample(source, row - 0.5, column - 0.5, made.data, at);
    }
  }
  return straight(made);
}

/** Writes the pixel between those of a layer around a row and a column, bicubic as Pillow's transformations are. */
function sample({ data, height, width }, row, column, target, at) {
  const [y, x] = [Math.floor(row), Math.floor(column)];
  const columns = [-1, 0, 1, 2].map((step) => Math.min(Math.max(x + step, 0), width - 1) * 4);
  const line = (step, channel) => {
    const start = (y + step) * width * 4 + channel;
    return cubic(columns.map((place) => data[start + place]), column - x);
  };
  for (let channel = 0; channel < 4; channel += 1) {
    const values = [];
    for (let step = -1; step <= 2; step += 1) {
      if (step === -1) values.push(line(Math.max(y - 1, 0) - y, channel));
      else values.push(y + step >= 0 && y + step < height ? line(step, channel) : values.at(-1));
    }
    const value = cubic(values, row - y);
    target[at + channel] = value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
  }
}

function cubic([before, one, other, after], share) {
  const second = 2 * (before - one) + other - after;
  const third = -before + one - other + after;
  return one + share * (other - before + share * (second + share * third));
}
