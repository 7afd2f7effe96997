/** The trimap of a stroke's part: known where the stroke or the existing alpha says so, unknown between them. */

import { canvas } from "../drawing/canvas.js";
import { bandsOf, CORE, draw, reachOf } from "../drawing/stroke.js";
import { within } from "../local/arrays/size.js";
import { reducedTo } from "./reduce.js";

const SHIFT = 2;
const BLOCK = 1 << SHIFT; // pixels of the side of squares far from the stroke
const SURE = 250; // an alpha of so much is kept by "keep", and one as far from the other end by "erase"
export const UNKNOWN = 128;
const SLACK = 0.75; // pixels of a reduced trimap: so far off may be the middle of one that is unknown in part
const WANTED = { keep: 255, erase: 0, refine: UNKNOWN }; // levels of a trimap within a stroke

/**
 * The trimap of the part of a cutout in a stroke's box with the stroke in it, `{ levels, width, height }`: a byte of 0,
 * 128 or 255 for each pixel, its longer side of `longest` pixels at most. Null where nothing is unknown.
 *
 * It is 128 around the stroke's border, but for what is there already: to keep never takes away, to erase never adds. Of
 * what is to be refined all is 128. Far from the stroke it is made of squares of some pixels. `original` is given where it has
 * transparent pixels.
 */
export function trimap(before, original, stroke, box, longest) {
  const size = within(box, longest);
  const isWhole = size.width === box.width && size.height === box.height;
  const [alpha, own] = [before, original].map((one) => one && reducedTo(one, size));
  const bands = isWhole ? bandsOf(stroke, box) : [{ x: 0, y: 0, ...size }];
  const made = { levels: isWhole ? farLevels(before, original) : new Uint8Array(size.width * size.height), ...size };
  for (const band of bands) copyInto(made, levelsIn(band, alpha, own, stroke, box), band);
  return made.levels.includes(UNKNOWN) ? made : null;
}

/** The levels of a band of the trimap alone, at the size of `before`. */
export function levelsIn(band, before, original, stroke, box) {
  const levels = alphaOf(before, original, before, band);
  mark(levels, zones(stroke, box, before, band), WANTED[stroke.mode]);
  return levels;
}

/** The runs of unknown levels in the rows of a trimap: of each its first place and the one after its last, in turn. */
export function unknownRuns(levels, width) {
  const runs = [];
  for (let start = 0; start < levels.length; start += width) addRuns(levels, start, start + width, runs);
  return Int32Array.from(runs);
}

function addRuns(levels, start, end, runs) {
  for (let at = start; at < end; at++) {
    const first = at;
    while (at < end && levels[at] === UNKNOWN) at++;
    if (at > first) runs.push(first, at);
  }
}

/** A trimap of squares of `BLOCK` pixels, all of them known. */
function farLevels(before, original) {
  const { width, height } = before;
  const size = { width: Math.ceil(width / BLOCK), height: Math.ceil(height / BLOCK) };
  const small = alphaOf(before, original, size, { x: 0, y: 0, ...size });
  const made = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    const from = (y >> SHIFT) * size.width;
    if (y % BLOCK) made.copyWithin(start, start - width, start);
    else for (let x = 0; x < width; x++) made[start + x] = small[from + (x >> SHIFT)] >= UNKNOWN ? 255 : 0;
  }
  return made;
}

/** The alpha of a part of a cutout at another size, without the picture's own opacity: the server multiplies by that again. */
function alphaOf(before, original, size, band) {
  const levels = opacities(before, size, band);
  if (!original) return levels;
  const own = opacities(original, size, band);
  return levels.map((level, at) => (own[at] ? Math.min(255, Math.round((level * 255) / own[at])) : 0));
}

/** The opacity of each pixel in a part of a picture at another size. */
function opacities(source, { width, height }, band) {
  const context = canvas(band.width, band.height).getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(source, -band.x, -band.y, width, height);
  const { data } = context.getImageData(0, 0, band.width, band.height);
  const made = new Uint8Array(band.width * band.height);
  for (let at = 0, from = 3; at < made.length; at++, from += 4) made[at] = data[from];
  return made;
}

/**
 * Where a stroke lies in a part of its box at another size, as levels: alpha where it reaches, green in its core. Of a
 * reduced one between the two is all that is so in part.
 */
function zones(stroke, box, { width, height }, band) {
  const context = canvas(band.width, band.height).getContext("2d");
  context.translate(-band.x, -band.y);
  context.scale(width / box.width, height / box.height);
  context.translate(-box.x, -box.y);
  const [pixel, core] = [box.width / width, stroke.radius * CORE];
  const slack = pixel > 1 ? SLACK * pixel : 0;
  draw(context, stroke, reachOf(stroke) + slack, "#f00");
  draw(context, stroke, Math.max(core - slack, Math.min(core, pixel / 2)), "#ff0");
  return context.getImageData(0, 0, band.width, band.height).data;
}

function copyInto({ levels, width }, part, band) {
  for (let y = 0; y < band.height; y++) {
    levels.set(part.subarray(y * band.width, (y + 1) * band.width), (band.y + y) * width + band.x);
  }
}

/** Makes the levels of an alpha those of a trimap, where the stroke wants 0, 128 or 255. */
function mark(levels, zone, wanted) {
  for (let at = 0, from = 3; at < levels.length; at++, from += 4) {
    const isThere = (wanted === 255 && levels[at] >= SURE) || (wanted === 0 && levels[at] <= 255 - SURE);
    if (zone[from] < 128) levels[at] = levels[at] >= UNKNOWN ? 255 : 0;
    else levels[at] = zone[from - 2] >= 128 || isThere ? wanted : UNKNOWN;
  }
}
