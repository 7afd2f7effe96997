/** Corrects a coarse alpha around the clicks that it disagrees with (segmentation/click_correction.py). */

import { widened } from "../arrays/box.js";
import { cropped } from "../arrays/parts.js";
import { plane } from "../arrays/size.js";
import { distances } from "../segmentation/geodesic.js";
import { squares, steepness } from "./crops.js";

export const FARTHEST = 0.1; // of a click's distance to the nearest pixel that agrees, as a share of the grid's longer side
const REACH = 3; // the radius that a click changes, as a multiple of that distance
const WINDOW = 1.3; // half the side of the square that is changed, as a multiple of that radius
const LEAST = 4; // of that distance, in pixels of the grid
const EDGE = 20; // the cost of a step beside its length: for each unit of the colours' gradient
const BORDER = 4; // for each unit of the alpha's gradient
const COLOUR = 20; // for each unit of distance from the click's own colour
const PUSH = 8; // a click's weight in log-odds: twice that of the most certain alpha
const STEEP = 4; // the slope at which it falls off
const RADIUS = 2; // of a click
const SIDES = [[0, 3], [3, 0], [2, 2], [2, -2]]; // rows and columns from a click to what is beside a line through it, and back
const LINE = 0.045; // the least distance of the colours there from that of a click on a line
const AGREES = 0.25; // the distance from one half at which an alpha agrees with a click
const SUREST = 0.02; // alphas are clipped this far from 0 and 1

/** log(alpha / (1 - alpha)) of an alpha clipped to [0.02, 0.98]. */
export function logOdds(alpha) {
  const one = Math.min(Math.max(alpha, SUREST), 1 - SUREST);
  return Math.log(one / (1 - one));
}

/** The alpha of log-odds: the sigmoid. */
export function fromLogOdds(odds) {
  return 1 / (1 + Math.exp(-odds));
}

/** The alpha at a click. */
export function valueAt({ data, width }, { y, x }) {
  return data[y * width + x];
}

/** Return the alpha on the grid with every click on its side of one half: `inside` above, `outside` below. */
export function corrected(crops, alpha, inside, outside) {
  const made = plane(alpha, alpha.data.slice());
  for (const click of inside) if (disagrees(made, click, 1)) pull(crops, made, click, outside, 1);
  for (const click of outside) if (disagrees(made, click, -1)) pull(crops, made, click, inside, -1);
  return made;
}

/** Whether the alpha isn't surely on a click's side of one half: above it for `sign` = 1. */
export function disagrees(alpha, click, sign) {
  return sign * (valueAt(alpha, click) - 0.5) < AGREES;
}

/** A click's distance to the nearest pixel on its side of one half, in pixels; infinite without one. */
export function gap({ data, height, width }, click, sign) {
  let least = Infinity;
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      if (data[at] > 0.5 === sign > 0) least = Math.min(least, (y - click.y) ** 2 + (x - click.x) ** 2);
    }
  }
  return Math.sqrt(least);
}

/** Whether the colours on both sides of a click differ from its own, in one of four directions. */
function onLine(colours, { height, width }, click) {
  const own = click.y * width + click.x;
  return SIDES.some(([down, along]) => {
    const both = [1, -1].map((step) => ({ y: click.y + step * down, x: click.x + step * along }));
    const seen = both.filter(({ y, x }) => y >= 0 && y < height && x >= 0 && x < width);
    const apart = seen.map(({ y, x }) => colours.reduce((sum, data) => sum + (data[y * width + x] - data[own]) ** 2, 0));
    return seen.length > 0 && Math.min(...apart) > LINE ** 2;
  });
}

/** Pulls the alpha, in place, to 1 (`sign` = 1) or to 0 (-1) around a click. */
function pull(crops, alpha, click, others, sign) {
  const { grid, colours } = crops;
  const far = gap(alpha, click, sign);
  const distance = sign > 0 && Number.isFinite(far) && onLine(colours, grid, click) ? LEAST : Math.max(far, LEAST);
  const reach = REACH * Math.min(distance, FARTHEST * Math.max(grid.height, grid.width));
  const window = widened({ top: click.y, left: click.x, bottom: click.y + 1, right: click.x + 1 }, WINDOW * reach + RADIUS, grid);
  const part = cropped(alpha, window);
  const own = colours.map((data) => data[click.y * grid.width + click.x]);
  const near = colours.map((data) => cropped(plane(grid, data), window).data);
  const edges = cropped(plane(grid, steepness(colours, grid)), window).data; // of the whole, as the server has it
  const borders = steepness([part.data], part);
  const cost = part.data.map((_, at) => {
    const apart = Math.hypot(...near.map((data, channel) => data[at] - own[channel]));
    return 1 + EDGE * edges[at] + BORDER * borders[at] + COLOUR * apart;
  });
  const from = (clicks) => distances(cropped(squares(grid, clicks, RADIUS), window), plane(part, cost));
  const [here, there] = [from([click]), from(others)];
  for (let y = window.top, at = 0; y < window.bottom; y += 1) {
    for (let x = window.left; x < window.right; x += 1, at += 1) {
      const push = here[at] < there[at] ? PUSH / (1 + Math.exp(Math.min(STEEP * (here[at] / reach - 1), 50))) : 0;
      alpha.data[y * grid.width + x] = fromLogOdds(logOdds(part.data[at]) + sign * push);
    }
  }
}
