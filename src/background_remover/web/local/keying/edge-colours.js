/** Replaces the colours that a JPEG has blurred at the edges of a drawing (matting/keying/edge_colours.py). */

import { boxRadius } from "../arrays/box-filter.js";
import { around } from "../arrays/parts.js";

const DEEPEST = 5; // pixels from the ground; further inside, colours are equally good
export const DEPTHS = DEEPEST + 1; // the largest distance from the ground that is measured: 0 is ground, 1 beside it
const TRUST = 10; // the factor of a colour's weight for each pixel that it lies further inside
const WEIGHTS = Float64Array.from({ length: DEPTHS + 1 }, (_, depth) => (depth ? TRUST ** (depth - 1) : 0));
const [REACH, STEP] = [8, 2]; // pixels around an edge from which colours are taken, and between the samples
const ALIKE = 6; // the standard deviation of likeness, in noise
const THIN = TRUST ** 4; // the total weight below which a stroke is too thin to have an inside
const ENTRIES = 12; // colours of the palette
const RADIUS = 6; // of one colour of the palette, in noise
const COVERED = 0.98; // the share of the picture that the palette explains
const OFF = 8; // a colour further than this, in noise, from all of the palette stays as it is

/**
 * Return a function from a place in a part of a picture to six numbers: the colour, and its difference from the ground,
 * of pixels like that but further inside.
 *
 * `colours` and `away` are the part's, `depths` the distances from the ground up to `DEPTHS`. Strokes too thin to have an
 * inside get the colours of `palette`, of `paletteOf`.
 */
export function coloursInside({ colours, away, depths }, palette) {
  const known = new Map();
  return (place) => {
    if (!known.has(place)) {
      const { mean, weight } = meanInside(colours.data, away.data, depths, place);
      known.set(place, weight < THIN ? nearest(mean, palette) : mean);
    }
    return known.get(place);
  };
}

/** A mean around a place, weighted by distance from the ground and by likeness (a bilateral filter), and its weight. */
function meanInside(colours, away, { data, height, width }, place) {
  const [row, column] = [Math.floor(place / width), place % width];
  const [luma, first, second] = [away[place * 3], away[place * 3 + 1], away[place * 3 + 2]];
  let weight = 1e-3;
  const mean = sixAt(colours, away, place);
  for (let index = 0; index < 6; index += 1) mean[index] *= weight;
  for (let down = -REACH; down <= REACH; down += STEP) {
    const start = Math.min(Math.max(row + down, 0), height - 1) * width;
    for (let along = -REACH; along <= REACH; along += STEP) {
      const other = start + Math.min(Math.max(column + along, 0), width - 1);
      if (!data[other]) continue;
      const at = other * 3;
      const apart = (away[at] - luma) ** 2 + (away[at + 1] - first) ** 2 + (away[at + 2] - second) ** 2;
      const one = WEIGHTS[data[other]] * Math.exp((apart * -0.5) / ALIKE ** 2);
      for (let channel = 0; channel < 3; channel += 1) {
        mean[channel] += one * colours[at + channel];
        mean[channel + 3] += one * away[at + channel];
      }
      weight += one;
    }
  }
  for (let index = 0; index < 6; index += 1) mean[index] /= weight;
  return { mean, weight };
}

/** The colour at a place and its difference from the ground: six numbers. */
export function sixAt(colours, away, place) {
  const at = place * 3;
  return Float64Array.of(colours[at], colours[at + 1], colours[at + 2], away[at], away[at + 1], away[at + 2]);
}

/** The main colours of a picture's subject and their differences from the ground: arrays of six numbers. */
export function paletteOf(distance) {
  const samples = inside(distance);
  let left = new Uint32Array(samples.depths.length).map((_, at) => at);
  let common = commonOf(samples, left);
  const enough = (1 - COVERED) * common.total;
  const entries = [];
  while (entries.length < ENTRIES && left.length && common.total > enough) {
    let near = left.filter((one) => samples.bins[one] === common.bin);
    let middle = null;
    for (let round = 0; round < 3; round += 1) {
      middle = meanOf(samples, near);
      const aroundIt = nearTo(middle, samples, left);
      if (!aroundIt.length) break;
      near = aroundIt;
    }
    entries.push(middle);
    left = without(left, near);
    common = commonOf(samples, left);
  }
  return entries;
}

/** The most common bin of some samples, by the squares of their depths, and the sum of these. */
function commonOf({ depths, bins }, chosen) {
  const counts = new Float64Array(4096);
  let [total, bin] = [0, 0];
  for (const one of chosen) counts[bins[one]] += (depths[one] - 1) ** 2;
  for (let at = 0; at < counts.length; at += 1) {
    total += counts[at];
    if (counts[at] > counts[bin]) bin = at;
  }
  return { bin, total };
}

function meanOf({ six, depths }, chosen) {
  const sums = new Float64Array(6);
  let weights = 0;
  for (const one of chosen) {
    const weight = WEIGHTS[depths[one]];
    weights += weight;
    for (let index = 0; index < 6; index += 1) sums[index] += weight * six[one * 6 + index];
  }
  return sums.map((sum) => sum / weights);
}

/** Those of the chosen samples that lie within `RADIUS` of six numbers. */
function nearTo(middle, { six }, chosen) {
  const near = new Uint32Array(chosen.length);
  const [luma, first, second] = middle.subarray(3);
  let count = 0;
  for (const one of chosen) {
    const at = one * 6 + 3;
    const squared = (six[at] - luma) ** 2 + (six[at + 1] - first) ** 2 + (six[at + 2] - second) ** 2;
    if (squared < RADIUS ** 2) near[count++] = one;
  }
  return near.subarray(0, count);
}

/** Rising numbers without some of them, which rise too. */
function without(numbers, some) {
  const left = new Uint32Array(numbers.length - some.length);
  let [next, count] = [0, 0];
  for (const one of numbers) {
    if (one === some[next]) next += 1;
    else left[count++] = one;
  }
  return left;
}

/** Pixels with no ground beside them: their six numbers one after the other, their distances from it and their bins. */
function inside(distance) {
  const parts = distance.samples();
  const pixels = parts.reduce((sum, { top, left, bottom, right }) => sum + (bottom - top) * (right - left), 0);
  const [six, depths, bins] = [new Float32Array(pixels * 6), new Uint8Array(pixels), new Uint16Array(pixels)];
  let count = 0;
  for (const part of parts) {
    const outer = around(part, DEPTHS, distance.size);
    const { away, far } = distance.measure(outer);
    const ground = distance.isGround(far);
    if (!ground.data.includes(0)) continue;
    const [colours, depth] = [distance.colours(outer).data, boxRadius(ground, DEPTHS).data];
    for (let y = part.top - outer.top; y < part.bottom - outer.top; y += 1) {
      for (let at = y * far.width + part.left - outer.left; at < y * far.width + part.right - outer.left; at += 1) {
        if (depth[at] < 2) continue;
        for (let channel = 0; channel < 3; channel += 1) {
          six[count * 6 + channel] = colours[at * 3 + channel];
          six[count * 6 + 3 + channel] = away.data[at * 3 + channel];
        }
        depths[count] = depth[at];
        bins[count] = binOf(colours, at * 3);
        count += 1;
      }
    }
  }
  return { six, depths: depths.subarray(0, count), bins };
}

/** The bin of a colour, of 16 levels in each channel. */
function binOf(colours, at) {
  return (Math.trunc(colours[at] * 15.99) * 16 + Math.trunc(colours[at + 1] * 15.99)) * 16 + Math.trunc(colours[at + 2] * 15.99);
}

/** The palette's entry that a colour, six numbers, is a mixture of with the ground; itself where it is none. */
function nearest(both, palette) {
  let [best, least] = [both, OFF ** 2];
  for (const entry of palette) {
    let [dot, squares] = [0, 0];
    for (let index = 3; index < 6; index += 1) {
      dot += both[index] * entry[index];
      squares += entry[index] ** 2;
    }
    const share = Math.min(Math.max(dot / Math.max(squares, 1), 0), 1);
    let [beside, off] = [0, 0];
    for (let index = 3; index < 6; index += 1) {
      beside += (both[index] - share * entry[index]) ** 2;
      off += (both[index] - entry[index]) ** 2;
    }
    const cost = 0.9 * beside + 0.1 * off; // a thin stroke is paler than its ink
    if (cost < least) [best, least] = [entry, cost];
  }
  return best;
}
