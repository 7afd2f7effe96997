/** How far each pixel's colour is from the ground's, in units of the noise beside edges (matting/keying/distance.py). */

import { boxAny, boxRadius } from "../arrays/box-filter.js";
import { enlargement } from "../arrays/enlarge.js";
import { extentOf, tiles } from "../arrays/parts.js";
import { above, plane } from "../arrays/size.js";
import { quantile } from "../arrays/statistics.js";

export const TILE = 256; // the side of the squares that are worked out at once
const FLOOR = 0.7 / 255; // the least noise: the rounding of a gradient
const OPEN = 3; // standard deviations of the noise within which a pixel is ground
const SAMPLE = 2 ** 20; // pixels of which the noise beside edges is measured
const VISIBLE = 20 / 255; // the least distance of an edge that causes ringing
const RING = 4; // pixels around edges in which ringing is measured
const QUANTILE = 0.9; // of its magnitudes
const INFLATION = 1.2; // from that quantile to the standard deviation assumed: ringing has heavy tails
const SOLID = 15; // of 25 pixels: more are no speck
const LEAST_SAMPLE = 64; // pixels: fewer measure nothing
const LEVELS = Float64Array.from({ length: 256 }, (_, level) => Math.fround(level / 255));
const YCBCR = [
  [0.299, 0.587, 0.114],
  [-0.169, -0.331, 0.5],
  [0.5, -0.419, -0.081],
];

/** The differences of an image's colours from its ground's, computed part by part, in YCbCr. */
export class GroundDistance {
  #image;
  #ground;
  #shade;
  #behind;
  #shaded;
  #rows; // that the shade darkens

  /**
   * The ground is darkened by `shade`, a plane, where it is given; `tolerance`, in [0, 1], widens the reach. `measured`
   * are the scale and the reach, where they were found already.
   */
  constructor(image, ground, shade, tolerance = 0, measured = null) {
    this.#image = image;
    this.#ground = ground;
    this.#shade = shade;
    this.#behind = enlargement(ground, image);
    this.#shaded = shade && enlargement(shade, image);
    this.#rows = shade && rowsOf(shade, image.height);
    this.size = { height: image.height, width: image.width };
    this.scale = [1, 1, 1];
    this.scale = measured?.scale ?? this.#measured(Math.max(FLOOR, ground.noise));
    this.reach = measured?.reach ?? Math.max(OPEN, tolerance / this.scale[0]);
  }

  /** Whether lossy compression has blurred the colours beside edges. */
  get isNoisy() {
    return this.scale[0] > 2 * FLOOR;
  }

  /** The picture's own colours in a part, three float32 channels in [0, 1]. */
  colours(part) {
    const size = sizeOf(part);
    const { data, width, channels } = this.#image;
    const made = new Float32Array(size.height * size.width * 3);
    for (let y = part.top, to = 0; y < part.bottom; y += 1) {
      const end = (y * width + part.right) * channels;
      for (let at = (y * width + part.left) * channels; at < end; at += channels, to += 3) {
        made[to] = LEVELS[data[at]];
        made[to + 1] = LEVELS[data[at + 1]];
        made[to + 2] = LEVELS[data[at + 2]];
      }
    }
    return { data: made, ...size, channels: 3 };
  }

  /**
   * The differences of a part's colours from the ground's, in units of the noise, and their lengths: `{ away, far }`,
   * arrays of float32 with three channels and with one.
   */
  measure(part) {
    const size = sizeOf(part);
    const { data, width, channels } = this.#image;
    const [away, far] = [new Float32Array(size.height * size.width * 3), new Float32Array(size.height * size.width)];
    const [red, green, blue, shade] = Array.from({ length: 4 }, () => new Float32Array(size.width));
    const [[yr, yg, yb], [ur, ug, ub], [vr, vg, vb]] = YCBCR.map((row, index) => row.map((one) => one / this.scale[index]));
    for (let y = part.top, to = 0; y < part.bottom; y += 1) {
      this.#behind(this.#ground.planes, y, part.left, part.right, [red, green, blue]);
      const isShaded = this.#shade && y >= this.#rows.first && y < this.#rows.end;
      if (isShaded) this.#shaded([this.#shade.data], y, part.left, part.right, [shade]);
      else shade.fill(0);
      for (let x = 0, at = (y * width + part.left) * channels; x < size.width; x += 1, at += channels, to += 1) {
        const light = 1 - shade[x];
        const r = LEVELS[data[at]] - red[x] * light;
        const g = LEVELS[data[at + 1]] - green[x] * light;
        const b = LEVELS[data[at + 2]] - blue[x] * light;
        const luma = Math.fround(yr * r + yg * g + yb * b);
        const first = Math.fround(ur * r + ug * g + ub * b);
        const second = Math.fround(vr * r + vg * g + vb * b);
        away[to * 3] = luma;
        away[to * 3 + 1] = first;
        away[to * 3 + 2] = second;
        far[to] = Math.sqrt(luma * luma + first * first + second * second);
      }
    }
    return { away: { data: away, ...size, channels: 3 }, far: plane(size, far) };
  }

  /** Where a pixel is ground, from a plane of distances: within reach, or a speck of noise. */
  isGround(far) {
    const over = above(far, this.reach);
    const made = plane(far, new Uint8Array(far.data.length));
    if (!over.data.includes(1)) made.data.fill(1);
    const strong = above(far, 2 * this.reach);
    if (!over.data.includes(1) || !strong.data.includes(0)) return made;
    const near = boxAny(strong, 2).data;
    for (let at = 0; at < near.length; at += 1) {
      made.data[at] = over.data[at] && (near[at] || countAround(over, at) > SOLID) ? 0 : 1;
    }
    return made;
  }

  /** Tiles spread over the picture: all, or about a million pixels of a large one. */
  samples() {
    const step = Math.max(1, Math.floor((this.size.height * this.size.width) / SAMPLE));
    return [...tiles(this.size, TILE)].filter((_, index) => index % step === 0);
  }

  /** The standard deviations of Y, Cb and Cr on the ground beside edges; soft shadows are no noise. */
  #measured(least) {
    const all = [[], [], []];
    for (const part of this.samples()) {
      this.#ripples(part, Math.max(VISIBLE, 6 * least)).forEach((found, channel) => all[channel].push(found));
    }
    const joined = all.map((parts) => parts.flatMap((part) => [...part]));
    if (joined[0].length < LEAST_SAMPLE) return [least, least, least];
    const [luma, ...chroma] = joined.map((one) => quantile(one, QUANTILE) * INFLATION);
    const most = Math.max(...chroma);
    return [luma, most, most].map((one) => Math.max(one, least));
  }

  /** The magnitudes of the differences beside edges, less the mean around each. */
  #ripples(part, visible) {
    const { away, far } = this.measure(part);
    const seen = far.data.filter((one) => one > visible);
    if (!seen.length) return [[], [], []];
    const contrast = quantile(seen, 0.9);
    const radii = boxRadius(above(far, 0.5 * contrast), RING + 1).data;
    const isBeside = (radius, at) => (radius > 1 && radius <= RING && far.data[at] < 0.4 * contrast ? 1 : 0);
    const beside = plane(far, radii.map(isBeside));
    const made = [[], [], []];
    for (let at = 0; at < radii.length; at += 1) {
      if (!beside.data[at]) continue;
      const means = meansAround(away.data, beside, at);
      made.forEach((ripples, channel) => ripples.push(Math.fround(Math.abs(away.data[at * 3 + channel] - means[channel]))));
    }
    return made;
  }
}

/** The size of a part. */
export function sizeOf({ top, left, bottom, right }) {
  return { height: bottom - top, width: right - left };
}

/** The rows of a picture of that height that a smaller shade darkens: the first and the end of them. */
function rowsOf({ data, height, width }, full) {
  const isDark = (row) => data.subarray(row * width, (row + 1) * width).some((one) => one > 0);
  const [first, end] = extentOf(isDark, 0, height);
  return { first: ((first - 1) * full) / height, end: ((end + 1) * full) / height };
}

/** How many of the 25 pixels around a place a mask has. */
function countAround({ data, height, width }, place) {
  const [row, column] = [Math.floor(place / width), place % width];
  let count = 0;
  for (let y = Math.max(row - 2, 0); y < Math.min(row + 3, height); y += 1) {
    for (let x = Math.max(column - 2, 0); x < Math.min(column + 3, width); x += 1) count += data[y * width + x];
  }
  return count;
}

/** The means of three channels over those of the 25 pixels around a place that a mask has. */
function meansAround(numbers, mask, place) {
  const { data, height, width } = mask;
  const [row, column] = [Math.floor(place / width), place % width];
  const sums = [0, 0, 0];
  for (let y = Math.max(row - 2, 0); y < Math.min(row + 3, height); y += 1) {
    for (let x = Math.max(column - 2, 0); x < Math.min(column + 3, width); x += 1) {
      const at = y * width + x;
      if (data[at]) for (let channel = 0; channel < 3; channel += 1) sums[channel] += numbers[at * 3 + channel];
    }
  }
  return sums.map((sum) => Math.fround(sum) / countAround(mask, place));
}
