/** Black shadows as layers, as the server makes them: dropped, on the floor, and of what floats above it. */

import { blur } from "../arrays/blur.js";
import { enlargement } from "../arrays/enlarge.js";
import { plane, rounded } from "../arrays/size.js";
import { floorBelow } from "./floor.js";
import { gaussian } from "./gaussian.js";
import { layer } from "./layers.js";

const TIE = 2 ** -10; // of a level: halves are rounded up in a whole area
const FLATNESS = 0.14; // height of an ellipse on the floor as a share of its width
const FLOATING = 0.75; // width of the shadow of what floats, as a share of the subject's
const [WIDE, CORE, IN_GAPS, KEPT] = [0.85, 0.4, 0.5, 0.5]; // the two parts of a contact shadow, see floor_shadow.py
const FADE = 0.5; // the distance over which it fades towards where the subject is cut, as a share of its half width
const STEPS = 17; // ellipses along the offset

/** Return the shadow of a cutout: `kind` of "drop", "contact" or "floating", offset and radius in pixels. */
export function shadowOf(cutout, kind, offset, radius, opacity) {
  if (kind === "drop") return drop(cutout, offset, radius, opacity);
  const floor = floorBelow(cutout);
  if (!floor) return layer(cutout);
  return union((kind === "contact" ? contact : floating)(floor, offset, radius), cutout, opacity);
}

/** Return a black layer whose opacity is a plane in [0, 1], enlarged to a size. */
export function castShadow(shade, size) {
  const made = layer(size);
  const clamped = new Uint8ClampedArray(made.data.buffer); // which rounds halves to even, as the server does
  const row = enlargement(shade, size);
  const line = new Float32Array(size.width);
  for (let y = 0, at = 3; y < size.height; y += 1) {
    row([shade.data], y, 0, size.width, [line]);
    for (let x = 0; x < size.width; x += 1, at += 4) clamped[at] = line[x] * 255;
  }
  return made;
}

function drop(cutout, { right, down }, radius, opacity) {
  const { height, width, data } = cutout;
  const moved = plane(cutout);
  const [x0, y0] = [rounded(right), rounded(down)];
  for (let y = Math.max(y0, 0); y < Math.min(height + y0, height); y += 1) {
    for (let x = Math.max(x0, 0); x < Math.min(width + x0, width); x += 1) {
      moved.data[y * width + x] = data[((y - y0) * width + x - x0) * 4 + 3];
    }
  }
  const made = layer(cutout);
  const clamped = new Uint8ClampedArray(made.data.buffer);
  gaussian(moved, radius).forEach((level, at) => (clamped[at * 4 + 3] = level * opacity + TIE));
  return made;
}

/** The core and the wide part: bands, each with the radius of its blur. */
function contact(floor, offset, radius) {
  const half = (floor.stands[1] - floor.stands[0]) / 2;
  const touching = floor.gaps.map((gap) => 1 / (1 + gap / (half * FLATNESS)));
  const tall = half * FLATNESS + radius * KEPT;
  const seen = floor.fromCut.map((columns) => smoothstep(columns / (half * FADE)));
  const core = ellipse(floor, { right: 0, down: 0 }, tall * CORE, touching.map((one, column) => seen[column] * one ** 2));
  const dark = touching.map((one, column) => seen[column] * WIDE * (IN_GAPS + (1 - IN_GAPS) * one));
  const steps = Array.from({ length: STEPS }, (_, step) => {
    const share = step / (STEPS - 1);
    return ellipse(floor, { right: offset.right * share, down: offset.down * share }, tall, dark);
  });
  return [
    { band: core, radius: radius * CORE },
    { band: steps.reduce(joined), radius },
  ];
}

function floating(floor, offset, radius) {
  const [left, right] = floor.subject;
  const half = (FLOATING * (right - left)) / 2;
  const tall = half * FLATNESS + radius * KEPT;
  const row = floor.lowest + offset.down + tall;
  const middle = (left + right) / 2 + offset.right;
  const heights = floor.line.map((_, column) => tall * arch(column + 0.5, middle, half));
  return [{ band: { top: heights.map((high) => row - high), bottom: heights.map((high) => row + high), dark: heights.map(() => 1) }, radius }];
}

/** An ellipse on the floor where the subject stands, bent as the floor is: its ends in each column, and its darkness. */
function ellipse({ line, stands: [left, right] }, offset, tall, dark) {
  const band = { top: [], bottom: [], dark: [] };
  for (let column = 0; column < line.length; column += 1) {
    const high = tall * arch(column + 0.5 - offset.right, (left + right) / 2, (right - left) / 2);
    const row = between(line, column - offset.right) + offset.down;
    band.top.push(row - high);
    band.bottom.push(row + high);
    band.dark.push(between(dark, column - offset.right));
  }
  return band;
}

/** A value between two of a line's. */
function between(values, place) {
  const at = Math.min(Math.max(place, 0), values.length - 1);
  const low = Math.floor(at);
  return values[low] + (values[Math.min(low + 1, values.length - 1)] - values[low]) * (at - low);
}

/** The upper half of a circle over a span: from 0 at its ends to 1 in the middle, and 0 outside. */
function arch(at, middle, half) {
  return Math.sqrt(Math.max(1 - ((at - middle) / half) ** 2, 0));
}

/** A smooth rise from 0 at 0 to 1 at 1 and above. */
function smoothstep(share) {
  const one = Math.min(share, 1);
  return one * one * (3 - 2 * one);
}

/** The least band that holds two, as dark as the darker one. */
function joined(one, other) {
  const made = { top: [...one.top], bottom: [...one.bottom], dark: [...one.dark] };
  other.top.forEach((top, column) => {
    if (other.bottom[column] <= top) return;
    const isThere = one.bottom[column] > one.top[column];
    made.top[column] = isThere ? Math.min(one.top[column], top) : top;
    made.bottom[column] = isThere ? Math.max(one.bottom[column], other.bottom[column]) : other.bottom[column];
    made.dark[column] = isThere ? Math.max(one.dark[column], other.dark[column]) : other.dark[column];
  });
  return made;
}

/** Black whose alpha is the union of bands, each blurred by its radius. */
function union(parts, cutout, opacity) {
  const { height, width } = cutout;
  const light = new Float32Array(height * width).fill(1);
  for (const { band, radius } of parts) {
    const { first, dark } = blurred(band, radius, height);
    dark.forEach((value, at) => (light[first * width + at] *= 1 - value));
  }
  const made = layer(cutout);
  const clamped = new Uint8ClampedArray(made.data.buffer);
  light.forEach((value, at) => (clamped[at * 4 + 3] = (1 - value) * opacity * 255));
  return made;
}

/** The first row that a blurred band reaches, and its darkness from there on. */
function blurred({ top, bottom, dark }, radius, height) {
  const columns = top.map((_, column) => column).filter((column) => bottom[column] > top[column]);
  const reach = Math.ceil(4 * radius) + 8;
  const highest = columns.reduce((least, column) => Math.min(least, top[column]), height);
  const lowest = columns.reduce((most, column) => Math.max(most, bottom[column]), 0);
  const first = Math.max(Math.floor(highest) - reach, 0);
  const last = Math.max(Math.min(Math.ceil(lowest) + reach, height), first);
  const made = plane({ height: last - first, width: top.length });
  for (const column of columns) {
    for (let y = Math.max(Math.floor(top[column]), first); y < Math.min(bottom[column], last); y += 1) {
      const covered = Math.min(y + 1, bottom[column]) - Math.max(y, top[column]);
      made.data[(y - first) * top.length + column] = Math.min(Math.max(covered, 0), 1) * dark[column];
    }
  }
  return { first, dark: made.height ? blur(made, radius).data : made.data };
}
