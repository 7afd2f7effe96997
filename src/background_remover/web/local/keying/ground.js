/** The ground of a picture whose border is one colour or a smooth gradient, as the server's `find_ground` finds it. */

import { shrink } from "../arrays/reduce.js";
import { rounded, within } from "../arrays/size.js";
import { median } from "../arrays/statistics.js";
import { solved } from "./least-squares.js";

const LONGEST = 256; // pixels on the longer side of the picture in which the ground is looked for
const MIN_SHARE = 0.95; // the least share of the border that a plain ground covers
const MAX_NOISE = 2 / 255; // the largest standard deviation of a plain ground
const BORDER = 0.01; // width of the border, as a share of the longer side
const NEAR = 3 / 255; // the least distance from the ground at which a pixel may be subject
const FAR = 24 / 255; // the largest distance of noise
const ROUNDS = 12; // of reweighting
const SAMPLE = 3000; // pixels to which a polynomial is fitted, at most
const LEAST = 1 / 255; // residuals below it weigh the same
const DEGREES = [2, 4]; // of the polynomials: fitted to the border, then to all that is near the first

/**
 * Return the smooth ground at the border of an image: `{ planes, height, width, noise, share, isPlain }`.
 *
 * `planes` are three Float32Arrays in [0, 1], `noise` is the standard deviation of a channel around them and `share` how
 * much of the border they explain. See matting/keying/ground.py for the method.
 */
export function findGround(image) {
  const small = asPlanes(shrink(image, within(image, LONGEST)));
  const border = borderOf(small);
  let fitted = fit(small, border, DEGREES[0]);
  const away = distance(small.planes, fitted);
  const tolerance = toleranceOf(away, border);
  const near = [];
  for (let at = 0; at < away.length; at += 1) if (away[at] < tolerance) near.push(at);
  if (near.length > 100) fitted = fit(small, near, DEGREES[1]);
  const residuals = distance(small.planes, fitted);
  const most = toleranceOf(residuals, border);
  const share = border.filter((at) => residuals[at] < most).length / border.length;
  const noise = noiseOf(image, fitted, small);
  const planes = fitted.map((one) => one.map((value) => Math.min(Math.max(value, 0), 1)));
  return { planes, height: small.height, width: small.width, noise, share, isPlain: share >= MIN_SHARE && noise <= MAX_NOISE };
}

/** A ground of one colour, three numbers in [0, 1]. */
export function oneColour(colour) {
  return { planes: colour.map((value) => Float32Array.of(value)), height: 1, width: 1, noise: 0, share: 1, isPlain: true };
}

function asPlanes({ data, height, width, channels }) {
  const planes = [0, 1, 2].map((channel) =>
    new Float32Array(height * width).map((_, at) => data[at * channels + channel] * Math.fround(1 / 255)),
  );
  return { planes, height, width };
}

/** The places of the pixels at the border. */
function borderOf({ height, width }) {
  const wide = Math.max(1, rounded(BORDER * Math.max(height, width)));
  const isInside = (at) => {
    const [y, x] = [Math.floor(at / width), at % width];
    return y >= wide && y < height - wide && x >= wide && x < width - wide;
  };
  return [...Array(height * width).keys()].filter((at) => !isInside(at));
}

/** The largest difference of any channel. */
function distance(one, other) {
  const [red, green, blue] = one;
  return red.map((value, at) => {
    return Math.max(Math.abs(value - other[0][at]), Math.abs(green[at] - other[1][at]), Math.abs(blue[at] - other[2][at]));
  });
}

/** How far from its ground a pixel of the border may lie: four standard deviations, by the median. */
function toleranceOf(away, border) {
  const deviation = 1.4826 * median(border.map((at) => away[at]));
  return Math.min(Math.max(4 * deviation, NEAR), FAR);
}

/** The polynomials fitted to the channels at some places, evaluated everywhere: by least absolute residuals. */
function fit(image, places, degree) {
  const step = 1 + Math.floor(places.length / SAMPLE);
  const sample = places.filter((_, index) => index % step === 0);
  const [ys, xs] = [powers(image.height, degree), powers(image.width, degree)];
  const exponents = [...Array(degree + 1).keys()].flatMap((i) => [...Array(degree + 1 - i).keys()].map((j) => [j, i]));
  const row = sample.map((at) => Math.floor(at / image.width));
  const basis = exponents.map(([j, i]) => Float64Array.from(sample, (at, index) => ys[j][row[index]] * xs[i][at % image.width]));
  const wanted = image.planes.map((plane) => Float64Array.from(sample, (at) => plane[at]));
  let weights = new Float64Array(sample.length).fill(1);
  let terms = null;
  for (let round = 0; round < ROUNDS; round += 1) {
    terms = solved(basis, wanted, weights, 1e-6 * sample.length);
    weights = weightsOf(basis, wanted, terms);
  }
  return terms.map((values) => evaluated(exponents, values, ys, xs));
}

/** The inverse of the largest residual of any channel, in relation to the mean. */
function weightsOf(basis, wanted, terms) {
  const weights = new Float64Array(wanted[0].length).fill(LEAST);
  wanted.forEach((values, channel) => {
    const left = values.slice();
    basis.forEach((term, index) => {
      for (let at = 0; at < left.length; at += 1) left[at] -= terms[channel][index] * term[at];
    });
    for (let at = 0; at < left.length; at += 1) weights[at] = Math.max(weights[at], Math.abs(left[at]));
  });
  let mean = 0;
  for (const one of weights) mean += 1 / one / weights.length;
  return weights.map((one) => 1 / one / mean);
}

/** The powers up to a degree of the places along a side, whose coordinates are in [-1, 1]. */
function powers(length, degree) {
  return Array.from({ length: degree + 1 }, (_, power) => {
    return Float64Array.from({ length }, (_, place) => ((2 * (place + 0.5)) / length - 1) ** power);
  });
}

/** A polynomial, of powers of y and x with their values, at every place: a Float32Array. */
function evaluated(exponents, values, ys, xs) {
  const [height, width, degree] = [ys[0].length, xs[0].length, ys.length - 1];
  const made = new Float32Array(height * width);
  for (let y = 0, at = 0; y < height; y += 1) {
    const line = new Float64Array(degree + 1);
    exponents.forEach(([j, i], index) => (line[i] += values[index] * ys[j][y]));
    for (let x = 0; x < width; x += 1, at += 1) {
      let sum = 0;
      for (let i = 0; i <= degree; i += 1) sum += line[i] * xs[i][x];
      made[at] = sum;
    }
  }
  return made;
}

/** The noise's standard deviation along the border at the picture's own size, by the median residual. */
function noiseOf({ data, height, width, channels }, fitted, small) {
  const rows = Array.from({ length: height }, (_, y) => Math.min(Math.floor((y * small.height) / height), small.height - 1));
  const columns = Array.from({ length: width }, (_, x) => Math.min(Math.floor((x * small.width) / width), small.width - 1));
  const residuals = [];
  const measure = (y, x) => {
    const from = rows[y] * small.width + columns[x];
    const apart = [0, 1, 2].map((channel) => Math.abs(data[(y * width + x) * channels + channel] / 255 - fitted[channel][from]));
    residuals.push(Math.max(...apart));
  };
  const ends = (length) => [...Array(Math.min(4, length)).keys(), ...Array.from({ length: Math.min(4, length) }, (_, at) => length - Math.min(4, length) + at)];
  for (const y of ends(height)) for (let x = 0; x < width; x += 1) measure(y, x);
  for (const x of ends(width)) for (let y = 0; y < height; y += 1) measure(y, x);
  return (1.4826 * median(residuals)) / 1.5; // the largest of three channels is half as much again
}
