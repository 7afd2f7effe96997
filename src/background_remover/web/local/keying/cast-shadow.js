/** The soft shadow of a subject on a plain ground, as how much darker the ground is (matting/keying/cast_shadow.py). */

import { boxAny, boxRadius } from "../arrays/box-filter.js";
import { regions } from "../arrays/components.js";
import { enlarge } from "../arrays/enlarge.js";
import { shrink } from "../arrays/reduce.js";
import { resize } from "../arrays/resample.js";
import { plane, where, within } from "../arrays/size.js";

const LONGEST = 512; // pixels on the longer side of the picture in which the shadow is looked for
const DARKEST = 0.8; // the largest shade
const TINT = 8 / 255; // the largest difference between channels of the shaded ground
const STEEP = 14 / 255; // the largest difference between neighbours that is no edge
const LEAST = 1 / 255; // the least shade
const REACH = 6; // pixels by which the shadow is extended under an edge

/** Return how much darker the ground is than without the subject, a plane to be enlarged; `subject` is an alpha or null. */
export function findShade(image, ground, subject = null) {
  const size = within(image, LONGEST);
  const { data, channels } = shrink(image, size);
  const count = size.height * size.width;
  const small = [0, 1, 2].map((i) => new Float32Array(count).map((_, at) => data[at * channels + i] / 255));
  const behind = enlarge(ground.planes, ground, size).map((one) => one.map((value) => Math.max(value, 1 / 255)));
  const left = small[0].map((_, at) => (small[0][at] + small[1][at] + small[2][at]) / (behind[0][at] + behind[1][at] + behind[2][at]));
  const apart = (channel, at) => Math.abs(small[channel][at] - left[at] * behind[channel][at]);
  const spread = spreadOf(small, size);
  const slack = 4 * ground.noise;
  const hidden = subject && resize(subject, size, "bilinear").data;
  const smooth = where(plane(size, left), (one, at) => {
    const tint = Math.max(apart(0, at), apart(1, at), apart(2, at));
    const isSmooth = tint < TINT + slack && spread[at] < STEEP + slack;
    return isSmooth && one > 1 - DARKEST && one < 1 + TINT + slack && !(hidden && hidden[at] >= 0.5);
  });
  const shaded = touchingBorder(smooth);
  const shade = left.map((one, at) => (shaded.data[at] && 1 - one > LEAST + slack ? Math.min(Math.max(1 - one, 0), 1) : 0));
  return extended(plane(size, shade), shaded);
}

/** The largest difference of levels across each pixel, down or along, in any channel. */
function spreadOf(planes, { height, width }) {
  const made = new Float32Array(height * width);
  for (let y = 0, at = 0; y < height; y += 1) {
    const [above, below] = [Math.max(y - 1, 0) * width, Math.min(y + 1, height - 1) * width];
    for (let x = 0; x < width; x += 1, at += 1) {
      const [before, after] = [y * width + Math.max(x - 1, 0), y * width + Math.min(x + 1, width - 1)];
      for (const one of planes) {
        made[at] = Math.max(made[at], Math.abs(one[below + x] - one[above + x]), Math.abs(one[after] - one[before]));
      }
    }
  }
  return made;
}

/** The parts of a mask that reach the border. */
export function touchingBorder(mask) {
  const { labels, count } = regions(mask);
  const reached = new Uint8Array(count + 1);
  const { height, width } = mask;
  for (let x = 0; x < width; x += 1) reached[labels[x]] = reached[labels[(height - 1) * width + x]] = 1;
  for (let y = 0; y < height; y += 1) reached[labels[y * width]] = reached[labels[(y + 1) * width - 1]] = 1;
  reached[0] = 0;
  return where(plane(mask, labels), (label) => reached[label]);
}

/** The shade extended by some pixels where it is unknown, by the mean of its known neighbours. */
function extended(shade, shaded) {
  const unknown = boxAny(where(shaded, (one) => !one), 1); // beside an edge the subject's colours are mixed in
  const rounds = boxRadius(where(unknown, (one) => !one), REACH + 1).data; // in which a pixel is known at last: 0 is before
  const made = plane(shade, shade.data.map((one, at) => (rounds[at] ? 0 : one)));
  for (let round = 1; round <= REACH; round += 1) {
    for (let at = 0; at < rounds.length; at += 1) if (rounds[at] === round) made.data[at] = meanBefore(made, rounds, at);
  }
  return made;
}

/** The mean of those neighbours of a pixel that were known before it. */
function meanBefore({ data, height, width }, rounds, place) {
  const [row, column] = [Math.floor(place / width), place % width];
  let [sum, count] = [0, 0];
  for (let y = Math.max(row - 1, 0); y < Math.min(row + 2, height); y += 1) {
    for (let x = Math.max(column - 1, 0); x < Math.min(column + 2, width); x += 1) {
      const at = y * width + x;
      if (rounds[at] >= rounds[place]) continue;
      sum += data[at];
      count += 1;
    }
  }
  return sum / count;
}
