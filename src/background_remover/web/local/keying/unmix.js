/** The alpha and the subject's own colours on a known ground, by distances from its colours (matting/keying/unmix.py). */

import { boxRadius } from "../arrays/box-filter.js";
import { around, tiles } from "../arrays/parts.js";
import { plane } from "../arrays/size.js";
import { shared, sharedCopy, sharing, spread } from "../threads.js";
import { GroundDistance, TILE } from "./distance.js";
import { DEPTHS, coloursInside, paletteOf, sixAt } from "./edge-colours.js";

const REACH = 3; // pixels in which an edge's own colour is looked for
const SIDE = 2 * REACH + 1;
const STEPS = Float64Array.from({ length: SIDE ** 2 }, (_, at) => Math.hypot(Math.floor(at / SIDE) - REACH, (at % SIDE) - REACH));
const CLIMBS = 6; // further pixels along a stroke that is all soft edge
const MARGIN = 16; // around a tile: the pixels that the steps below depend on
const STEEP = 1.2; // the ratio of neighbours' distances to the ground from which a pixel is on an edge's slope
const SHALLOW = 4; // pixels from the ground within which slopes are looked for
const SAME_HUE = 0.98; // the least cosine of two differences from the ground of one hue
const LOOSE = 30; // the penalty of a colour that may itself be mixed, as a squared distance in noise
const SPAN = 2; // the noise removed from an alpha near 0 or 1
const LARGEST = 0.2; // the most that is removed

/** Return `{ alpha, colours }` that explain each colour of an image by its ground, darkened by `shade` where that is given. */
export async function unmix(image, ground, shade, tolerance = 0) {
  const distance = new GroundDistance(image, ground, shade, tolerance);
  const { size, scale, reach } = distance;
  const made = {
    alpha: plane(size, shared(Float32Array, size.height * size.width)),
    colours: { ...image, data: sharedCopy(image.data) },
  };
  const palette = distance.isNoisy ? paletteOf(distance) : null;
  const given = { image: sharing(image), ground, shade, measured: { scale, reach }, palette, made };
  await spread(import.meta.url, unmixTiles, given, [...tiles(size, TILE)]);
  return made;
}

/** Unmixes some tiles; called by `spread`. */
export function unmixTiles({ image, ground, shade, measured, palette, made }, parts) {
  const distance = new GroundDistance(image, ground, shade, 0, measured);
  for (const tile of parts) unmixTile(distance, palette, tile, made);
}

function unmixTile(distance, palette, tile, made) {
  const outer = around(tile, MARGIN, distance.size);
  const { away, far } = distance.measure(outer);
  const ground = distance.isGround(far);
  if (!ground.data.includes(0)) return; // the alpha is 0 already
  writeSolid(ground, outer, tile, made.alpha);
  if (!ground.data.includes(1)) return;
  const depths = boxRadius(ground, DEPTHS);
  const sure = sureOf(away.data, far, depths);
  const patch = { away: away.data, far: far.data, depths: depths.data, sure, height: far.height, width: far.width };
  const places = []; // of the pixels at edges
  for (let at = 0; at < sure.length; at += 1) if (depths.data[at] && !sure[at]) places.push(at);
  const ridge = ridgeOf(patch, places);
  const colours = distance.colours(outer);
  const ownAt = palette ? coloursInside({ colours, away, depths }, palette) : (source) => sixAt(colours.data, away.data, source);
  for (const place of places) {
    const [y, x] = [outer.top + Math.floor(place / patch.width), outer.left + (place % patch.width)];
    if (y < tile.top || y >= tile.bottom || x < tile.left || x >= tile.right) continue;
    const own = ownAt(sourceOf(patch, ridge, place));
    const share = denoised(shareOf(patch.away, place, own), Math.hypot(own[3], own[4], own[5]));
    made.alpha.data[y * distance.size.width + x] = share;
    if (share < 1) writeColour(own, made.colours, y, x);
  }
}

/** Writes an alpha of 1 where a tile, of which `ground` has an outer part too, is no ground. */
function writeSolid(ground, outer, tile, { data, width }) {
  for (let y = tile.top; y < tile.bottom; y += 1) {
    let from = (y - outer.top) * ground.width + tile.left - outer.left;
    for (let at = y * width + tile.left; at < y * width + tile.right; at += 1, from += 1) data[at] = 1 - ground.data[from];
  }
}

function writeColour(own, { data, width, channels }, y, x) {
  for (let channel = 0; channel < 3; channel += 1) data[(y * width + x) * channels + channel] = Math.round(own[channel] * 255);
}

/** Where a pixel is certainly subject: not beside the ground, and not on the slope of a wide edge. */
function sureOf(away, far, depths) {
  const made = new Uint8Array(far.data.length);
  for (let at = 0; at < made.length; at += 1) {
    const depth = depths.data[at];
    made[at] = depth > SHALLOW || (depth > 1 && !isSteep(away, far, at)) ? 1 : 0;
  }
  return made;
}

/** Whether a pixel of its hue two pixels away is further from the ground by far. */
function isSteep(away, far, place) {
  const [row, column] = [Math.floor(place / far.width), place % far.width];
  for (let down = -2; down <= 2; down += 2) {
    for (let along = -2; along <= 2; along += 2) {
      const other = clamped(row + down, column + along, far);
      if (far.data[other] > STEEP * far.data[place] + 2 && isAlike(away, far.data, other, place)) return true;
    }
  }
  return false;
}

function clamped(row, column, { height, width }) {
  return Math.min(Math.max(row, 0), height - 1) * width + Math.min(Math.max(column, 0), width - 1);
}

/** Whether the differences at two places point one way, as mixtures of the ground and one colour do. */
function isAlike(away, far, one, other) {
  const [i, j] = [one * 3, other * 3]; // of the first of three channels
  return away[i] * away[j] + away[i + 1] * away[j + 1] + away[i + 2] * away[j + 2] > SAME_HUE * far[one] * far[other];
}

/** The pixel around a place whose mixture with the ground explains it best. */
function sourceOf(patch, ridge, place) {
  const { away, far, depths, sure } = patch;
  const [row, column] = [Math.floor(place / patch.width), place % patch.width];
  let best = Infinity;
  let source = place;
  for (let down = -REACH, step = 0; down <= REACH; down += 1) {
    for (let along = -REACH; along <= REACH; along += 1, step += 1) {
      const beside = clamped(row + down, column + along, patch);
      if (!depths[beside]) continue;
      const other = sure[beside] ? beside : ridge[beside];
      const penalty = STEPS[step] + (sure[beside] ? 0 : LOOSE - 0.01 * far[other]);
      if (penalty >= best) continue;
      const cost = residual(away, place, other) + penalty;
      if (cost >= best) continue;
      best = cost;
      source = other;
    }
  }
  return source;
}

/** The squared distance of a place's difference from the nearest multiple of that at another place. */
function residual(away, place, other) {
  const [i, j] = [place * 3, other * 3];
  const [a, b, c] = [away[j], away[j + 1], away[j + 2]];
  const dot = away[i] * a + away[i + 1] * b + away[i + 2] * c;
  const share = Math.min(Math.max(dot / Math.max(a * a + b * b + c * c, 1e-6), 0), 1);
  return (away[i] - share * a) ** 2 + (away[i + 1] - share * b) ** 2 + (away[i + 2] - share * c) ** 2;
}

/** For each pixel of a thin stroke a pixel of its hue nearby that is furthest from the ground. */
function ridgeOf(patch, places) {
  const { away, far, depths, sure } = patch;
  const ridge = new Int32Array(far.length);
  for (let at = 0; at < ridge.length; at += 1) ridge[at] = at;
  const next = new Int32Array(places.length);
  for (let climb = 0; climb < CLIMBS; climb += 1) {
    for (let index = 0; index < places.length; index += 1) {
      const place = places[index];
      const [row, column] = [Math.floor(place / patch.width), place % patch.width];
      let now = ridge[place];
      for (let down = -1; down <= 1; down += 1) {
        for (let along = -1; along <= 1; along += 1) {
          const beside = clamped(row + down, column + along, patch);
          if (!depths[beside] || sure[beside]) continue;
          const other = ridge[beside];
          if (far[other] > far[now] && isAlike(away, far, other, place)) now = other;
        }
      }
      next[index] = now;
    }
    for (let index = 0; index < places.length; index += 1) ridge[places[index]] = next[index];
  }
  return ridge;
}

/** The alpha at which a place's difference from the ground is nearest to a multiple of the subject's, the last three of six numbers. */
function shareOf(away, place, own) {
  const at = place * 3;
  const dot = away[at] * own[3] + away[at + 1] * own[4] + away[at + 2] * own[5];
  const squares = own[3] * own[3] + own[4] * own[4] + own[5] * own[5];
  return Math.min(Math.max(dot / Math.max(squares, 1e-6), 0), 1);
}

/** An alpha with the noise near 0 and 1 removed, for a subject's colour at the distance `far` from the ground. */
function denoised(share, far) {
  const low = Math.min(SPAN / Math.max(far, 1), LARGEST);
  return Math.min(Math.max((share - low) / (1 - 2 * low), 0), 1);
}
