/** How far each pixel's colour is from the ground's, in units of the noise beside edges (matting/keying/distance.py). */

import { boxAny, boxSum } from "../arrays/box-filter.js";
import { enlargement } from "../arrays/enlarge.js";
import { tiles } from "../arrays/parts.js";
import { above, plane, where } from "../arrays/size.js";
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
    this.size = { height: image.height, width: image.width };
    this.scale = [1, 1, 1];
    this.scale = measured?.scale ?? this.#measured(Math.max(FLOOR, ground.noise));
    this.reach = measured?.reach ?? Math.max(OPEN, tolerance / this.scale[0]);
  }

  /** Whether lossy compression has blurred the colours beside edges. */
  get isNoisy() {
    return this.scale[0] > 2 * FLOOR;
  }

  /** The picture's own colours in a part, three Float32Arrays in [0, 1]. */
  colours({ top, left, bottom, right }) {
    const { data, width, channels } = this.#image;
    const [red, green, blue] = [0, 1, 2].map(() => new Float32Array((bottom - top) * (right - left)));
    for (let y = top, to = 0; y < bottom; y += 1) {
      for (let x = left, at = (y * width + left) * channels; x < right; x += 1, to += 1, at += channels) {
        red[to] = data[at] / 255;
        green[to] = data[at + 1] / 255;
        blue[to] = data[at + 2] / 255;
      }
    }
    return [red, green, blue];
  }

  /** The differences of a part's colours from the ground's, three Float32Arrays, in units of the noise. */
  away({ top, left, bottom, right }, colours) {
    const wide = right - left;
    const [luma, first, second] = colours.map((one) => new Float32Array(one.length));
    const behind = colours.map(() => new Float32Array(wide));
    const shade = [new Float32Array(wide)];
    const [red, green, blue] = colours;
    const [[yr, yg, yb], [ur, ug, ub], [vr, vg, vb]] = YCBCR.map((row, index) => row.map((one) => one / this.scale[index]));
    for (let y = top, at = 0; y < bottom; y += 1) {
      this.#behind(this.#ground.planes, y, left, right, behind);
      if (this.#shade) this.#shaded([this.#shade.data], y, left, right, shade);
      for (let x = 0; x < wide; x += 1, at += 1) {
        const light = 1 - shade[0][x];
        const r = red[at] - behind[0][x] * light;
        const g = green[at] - behind[1][x] * light;
        const b = blue[at] - behind[2][x] * light;
        luma[at] = yr * r + yg * g + yb * b;
        first[at] = ur * r + ug * g + ub * b;
        second[at] = vr * r + vg * g + vb * b;
      }
    }
    return [luma, first, second];
  }

  /** Where a pixel is ground, from a plane of distances: within reach, or a speck of noise. */
  isGround(far) {
    const over = above(far, this.reach);
    const strong = above(far, 2 * this.reach);
    const made = plane(far, new Uint8Array(far.data.length));
    if (!over.data.includes(1)) made.data.fill(1);
    if (!over.data.includes(1) || !strong.data.includes(0)) return made;
    const [solid, near] = [boxSum(over, 2).data, boxAny(strong, 2).data];
    for (let at = 0; at < near.length; at += 1) made.data[at] = over.data[at] && (solid[at] > SOLID || near[at]) ? 0 : 1;
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
    const away = this.away(part, this.colours(part));
    const far = plane(sizeOf(part), lengths(away));
    const seen = far.data.filter((one) => one > visible);
    if (!seen.length) return [[], [], []];
    const contrast = quantile(seen, 0.9);
    const strong = above(far, 0.5 * contrast);
    const [near, at1] = [boxAny(strong, RING).data, boxAny(strong, 1).data];
    const beside = where(far, (one, at) => near[at] && !at1[at] && one < 0.4 * contrast);
    const count = boxSum(beside, 2).data;
    return away.map((one) => {
      const sums = boxSum(plane(far, one.map((value, at) => value * beside.data[at])), 2).data;
      const ripples = one.map((value, at) => Math.abs(value - sums[at] / Math.max(count[at], 1)));
      return ripples.filter((_, at) => beside.data[at]);
    });
  }
}

/** The size of a part. */
export function sizeOf({ top, left, bottom, right }) {
  return { height: bottom - top, width: right - left };
}

/** The lengths of differences, three Float32Arrays. */
export function lengths([y, cb, cr]) {
  const made = new Float32Array(y.length);
  for (let at = 0; at < made.length; at += 1) made[at] = Math.sqrt(y[at] * y[at] + cb[at] * cb[at] + cr[at] * cr[at]);
  return made;
}
