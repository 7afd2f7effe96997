/** The alpha and the subject's own colours on a known ground, by distances from its colours (matting/keying/unmix.py). */

import { boxAny } from "../arrays/box-filter.js";
import { around, tiles } from "../arrays/parts.js";
import { plane } from "../arrays/size.js";
import { shared, sharedCopy, sharing, spread } from "../threads.js";
import { GroundDistance, TILE, lengths, sizeOf } from "./distance.js";
import { EdgeColours, paletteOf } from "./edge-colours.js";

const REACH = 3; // pixels in which an edge's own colour is looked for
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
  const edges = palette && new EdgeColours(palette);
  for (const tile of parts) unmixTile(distance, edges, tile, made);
}

function unmixTile(distance, edges, tile, made) {
  const outer = around(tile, MARGIN, distance.size);
  const colours = distance.colours(outer);
  const away = distance.away(outer, colours);
  const far = plane(sizeOf(outer), lengths(away));
  const ground = distance.isGround(far);
  if (!ground.data.includes(0)) return; // the alpha is 0 already
  const alpha = new Float32Array(far.data.length);
  for (let at = 0; at < alpha.length; at += 1) alpha[at] = 1 - ground.data[at];
  if (ground.data.includes(1)) {
    const patch = { away, far: far.data, ground: ground.data, sure: sureOf(away, far, ground), height: far.height, width: far.width };
    const places = [];
    for (let at = 0; at < alpha.length; at += 1) if (!patch.ground[at] && !patch.sure[at]) places.push(at);
    const sources = sourcesOf(patch, places);
    const inside = edges?.fromInside(colours, away, ground, sources);
    places.forEach((place, index) => {
      const source = sources[index];
      const own = inside ? inside[index] : [...colours, ...away].map((one) => one[source]);
      const share = denoised(shareOf(away.map((one) => one[place]), own.slice(3)), Math.hypot(own[3], own[4], own[5]));
      alpha[place] = share;
      if (share < 1) writeColour(own, place, { outer, tile }, made.colours);
    });
  }
  for (let y = tile.top; y < tile.bottom; y += 1) {
    const start = (y - outer.top) * far.width - outer.left;
    made.alpha.data.set(alpha.subarray(start + tile.left, start + tile.right), y * distance.size.width + tile.left);
  }
}

/** Writes a colour at a place of the outer part where that lies in the tile. */
function writeColour(own, place, { outer, tile }, { data, width, channels }) {
  const wide = outer.right - outer.left;
  const [y, x] = [outer.top + Math.floor(place / wide), outer.left + (place % wide)];
  if (y < tile.top || y >= tile.bottom || x < tile.left || x >= tile.right) return;
  for (let channel = 0; channel < 3; channel += 1) data[(y * width + x) * channels + channel] = Math.round(own[channel] * 255);
}

/** Where a pixel is certainly subject: not beside the ground, and not on the slope of a wide edge. */
function sureOf(away, far, ground) {
  const [beside, shallow] = [boxAny(ground, 1).data, boxAny(ground, SHALLOW).data];
  const isSteep = (at) => {
    const [row, column] = [Math.floor(at / far.width), at % far.width];
    for (const down of [-2, 0, 2]) {
      for (const along of [-2, 0, 2]) {
        const other = clamped(row + down, column + along, far);
        if (far.data[other] > STEEP * far.data[at] + 2 && isAlike(away, far.data, other, at)) return true;
      }
    }
    return false;
  };
  const made = new Uint8Array(far.data.length);
  for (let at = 0; at < made.length; at += 1) made[at] = beside[at] || (shallow[at] && isSteep(at)) ? 0 : 1;
  return made;
}

function clamped(row, column, { height, width }) {
  return Math.min(Math.max(row, 0), height - 1) * width + Math.min(Math.max(column, 0), width - 1);
}

/** Whether the differences at two places point one way, as mixtures of the ground and one colour do. */
function isAlike([y, cb, cr], far, one, other) {
  return y[one] * y[other] + cb[one] * cb[other] + cr[one] * cr[other] > SAME_HUE * far[one] * far[other];
}

/** For each of `places` the pixel whose mixture with the ground explains it best. */
function sourcesOf(patch, places) {
  const ridge = ridgeOf(patch, places);
  const { away, far, ground, sure } = patch;
  return places.map((place) => {
    const [row, column] = [Math.floor(place / patch.width), place % patch.width];
    const mine = away.map((one) => one[place]);
    let [best, source] = [Infinity, place];
    for (let down = -REACH; down <= REACH; down += 1) {
      for (let along = -REACH; along <= REACH; along += 1) {
        const beside = clamped(row + down, column + along, patch);
        if (ground[beside]) continue;
        const other = sure[beside] ? beside : ridge[beside];
        const cost = residual(mine, away, other) + Math.hypot(down, along) + (sure[beside] ? 0 : LOOSE - 0.01 * far[other]);
        if (cost < best) [best, source] = [cost, other];
      }
    }
    return source;
  });
}

/** The squared distance of a difference from the nearest multiple of that at another place. */
function residual([y, cb, cr], away, other) {
  const [a, b, c] = [away[0][other], away[1][other], away[2][other]];
  const share = Math.min(Math.max((y * a + cb * b + cr * c) / Math.max(a * a + b * b + c * c, 1e-6), 0), 1);
  return (y - share * a) ** 2 + (cb - share * b) ** 2 + (cr - share * c) ** 2;
}

/** For each pixel of a thin stroke a pixel of its hue nearby that is furthest from the ground. */
function ridgeOf(patch, places) {
  const { away, far, ground, sure } = patch;
  const ridge = new Int32Array(far.length);
  for (let at = 0; at < ridge.length; at += 1) ridge[at] = at;
  const next = new Int32Array(places.length);
  for (let climb = 0; climb < CLIMBS; climb += 1) {
    places.forEach((place, index) => {
      const [row, column] = [Math.floor(place / patch.width), place % patch.width];
      let now = ridge[place];
      for (let down = -1; down <= 1; down += 1) {
        for (let along = -1; along <= 1; along += 1) {
          const beside = clamped(row + down, column + along, patch);
          if (ground[beside] || sure[beside]) continue;
          const other = ridge[beside];
          if (far[other] > far[now] && isAlike(away, far, other, place)) now = other;
        }
      }
      next[index] = now;
    });
    places.forEach((place, index) => (ridge[place] = next[index]));
  }
  return ridge;
}

/** The alpha at which a difference from the ground is nearest to a multiple of the subject's. */
function shareOf(mine, theirs) {
  const dot = mine.reduce((sum, one, index) => sum + one * theirs[index], 0);
  const squares = theirs.reduce((sum, one) => sum + one * one, 0);
  return Math.min(Math.max(dot / Math.max(squares, 1e-6), 0), 1);
}

/** An alpha with the noise near 0 and 1 removed, for a subject's colour at the distance `far` from the ground. */
function denoised(share, far) {
  const low = Math.min(SPAN / Math.max(far, 1), LARGEST);
  return Math.min(Math.max((share - low) / (1 - 2 * low), 0), 1);
}
