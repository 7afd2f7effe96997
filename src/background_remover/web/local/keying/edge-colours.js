/** Replaces the colours that a JPEG has blurred at the edges of a drawing (matting/keying/edge_colours.py). */

import { boxAny } from "../arrays/box-filter.js";
import { around } from "../arrays/parts.js";
import { plane } from "../arrays/size.js";
import { lengths, sizeOf } from "./distance.js";

const DEEPEST = 5; // pixels from the ground; further inside, colours are equally good
const TRUST = 10; // the factor of a colour's weight for each pixel that it lies further inside
const [REACH, STEP] = [8, 2]; // pixels around an edge from which colours are taken, and between the samples
const ALIKE = 6; // the standard deviation of likeness, in noise
const THIN = TRUST ** 4; // the total weight below which a stroke is too thin to have an inside
const ENTRIES = 12; // colours of the palette
const RADIUS = 6; // of one colour of the palette, in noise
const COVERED = 0.98; // the share of the picture that the palette explains
const OFF = 8; // a colour further than this, in noise, from all of the palette stays as it is

/** The source of colours for edges, with the picture's palette, of `paletteOf`, for strokes too thin to have an inside. */
export class EdgeColours {
  #palette;

  constructor(palette) {
    this.#palette = palette;
  }

  /** Six numbers, the colour and its difference from the ground, of pixels like `places` but further inside. */
  fromInside(colours, away, ground, places) {
    const powers = Float32Array.from({ length: DEEPEST + 1 }, (_, depth) => TRUST ** depth);
    const weights = depthOf(ground);
    for (let at = 0; at < weights.length; at += 1) weights[at] = ground.data[at] ? 0 : powers[weights[at]];
    const both = [...colours, ...away];
    const known = new Map();
    return Array.from(places, (place) => {
      if (!known.has(place)) known.set(place, this.#mean(both, weights, ground, place));
      return known.get(place);
    });
  }

  /** A mean around a place, weighted by distance from the ground and by likeness (a bilateral filter). */
  #mean(both, weights, { height, width }, place) {
    const [row, column] = [Math.floor(place / width), place % width];
    const mine = both.map((one) => one[place]);
    let total = 1e-3;
    const sums = mine.map((one) => one * total);
    for (let down = -REACH; down <= REACH; down += STEP) {
      const start = Math.min(Math.max(row + down, 0), height - 1) * width;
      for (let along = -REACH; along <= REACH; along += STEP) {
        const other = start + Math.min(Math.max(column + along, 0), width - 1);
        if (!weights[other]) continue;
        let apart = 0;
        for (let index = 3; index < 6; index += 1) apart += (both[index][other] - mine[index]) ** 2;
        const weight = weights[other] * Math.exp((apart * -0.5) / ALIKE ** 2);
        for (let index = 0; index < 6; index += 1) sums[index] += weight * both[index][other];
        total += weight;
      }
    }
    const made = sums.map((one) => one / total);
    return total < THIN ? nearest(made, this.#palette) : made;
  }
}

/** Each pixel's distance from the ground in pixels, less one, `DEEPEST` at most. */
function depthOf(ground) {
  const made = new Float32Array(ground.data.length);
  for (let radius = 1; radius <= DEEPEST; radius += 1) {
    const near = boxAny(ground, radius).data;
    for (let at = 0; at < made.length; at += 1) made[at] += 1 - near[at];
  }
  return made;
}

/** The main colours of a picture's subject and their differences from the ground: arrays of six numbers. */
export function paletteOf(distance) {
  const { both, depths, keys } = inside(distance);
  let left = Uint32Array.from(depths.keys());
  const enough = (1 - COVERED) * total(depths, left);
  const entries = [];
  while (entries.length < ENTRIES && left.length && total(depths, left) > enough) {
    const common = mostCommon(keys, depths, left);
    let near = left.filter((one) => keys[one] === common);
    let middle = null;
    for (let round = 0; round < 3; round += 1) {
      middle = meanOf(both, depths, near);
      const aroundIt = left.filter((one) => isNear(both, one, middle));
      if (!aroundIt.length) break;
      near = aroundIt;
    }
    entries.push(middle);
    const taken = new Uint8Array(depths.length);
    for (const one of near) taken[one] = 1;
    left = left.filter((one) => !taken[one]);
  }
  return entries;
}

function total(depths, chosen) {
  return chosen.reduce((sum, one) => sum + depths[one] ** 2, 0);
}

function mostCommon(keys, depths, chosen) {
  const counts = new Float64Array(4096);
  for (const one of chosen) counts[keys[one]] += depths[one] ** 2;
  return counts.indexOf(counts.reduce((most, one) => Math.max(most, one), 0));
}

function meanOf(both, depths, chosen) {
  const sums = new Float64Array(6);
  let weights = 0;
  for (const one of chosen) {
    const weight = TRUST ** depths[one];
    weights += weight;
    for (let index = 0; index < 6; index += 1) sums[index] += weight * both[index][one];
  }
  return Array.from(sums, (sum) => sum / weights);
}

function isNear(both, place, middle) {
  const [y, cb, cr] = [both[3][place] - middle[3], both[4][place] - middle[4], both[5][place] - middle[5]];
  return y * y + cb * cb + cr * cr < RADIUS ** 2;
}

/** Colours and differences of pixels with no ground beside them, six arrays, their distances from it and their bins. */
function inside(distance) {
  const pixels = distance.samples().reduce((sum, part) => sum + (part.bottom - part.top) * (part.right - part.left), 0);
  const found = { both: Array.from({ length: 6 }, () => new Float32Array(pixels)), depths: new Uint8Array(pixels), keys: new Uint16Array(pixels) };
  let count = 0;
  for (const part of distance.samples()) {
    const outer = around(part, DEEPEST + 1, distance.size);
    const colours = distance.colours(outer);
    const both = [...colours, ...distance.away(outer, colours)];
    const far = plane(sizeOf(outer), lengths(both.slice(3)));
    const ground = distance.isGround(far);
    if (!ground.data.includes(0)) continue;
    const depths = depthOf(ground);
    for (let y = part.top - outer.top; y < part.bottom - outer.top; y += 1) {
      for (let at = y * far.width + part.left - outer.left; at < y * far.width + part.right - outer.left; at += 1) {
        if (!depths[at]) continue;
        for (let index = 0; index < 6; index += 1) found.both[index][count] = both[index][at];
        found.depths[count] = depths[at];
        found.keys[count] = binOf(colours, at);
        count += 1;
      }
    }
  }
  return { both: found.both, depths: found.depths.subarray(0, count), keys: found.keys };
}

/** The bin of a colour, of 16 levels in each channel. */
function binOf([red, green, blue], at) {
  return (Math.trunc(red[at] * 15.99) * 16 + Math.trunc(green[at] * 15.99)) * 16 + Math.trunc(blue[at] * 15.99);
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
