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
  const near = [...away.keys()].filter((at) => away[at] < tolerance);
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
    Float32Array.from({ length: height * width }, (_, at) => data[at * channels + channel] * Math.fround(1 / 255)),
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
  return one[0].map((_, at) => Math.max(...[0, 1, 2].map((channel) => Math.abs(one[channel][at] - other[channel][at]))));
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
  const basis = basisOf(image, degree);
  const rows = sample.map((at) => basis(at));
  const wanted = image.planes.map((plane) => sample.map((at) => plane[at]));
  let weights = new Float64Array(sample.length).fill(1);
  let terms = null;
  for (let round = 0; round < ROUNDS; round += 1) {
    terms = solved(rows, wanted, weights, 1e-6 * sample.length);
    weights = weightsOf(rows, wanted, terms);
  }
  const made = image.planes.map((plane) => new Float32Array(plane.length));
  for (let at = 0; at < image.planes[0].length; at += 1) {
    const row = basis(at);
    terms.forEach((term, channel) => (made[channel][at] = dot(row, term)));
  }
  return made;
}

function weightsOf(rows, wanted, terms) {
  const weights = Float64Array.from(rows, (row, index) => {
    const residuals = terms.map((term, channel) => Math.abs(wanted[channel][index] - dot(row, term)));
    return 1 / Math.max(...residuals, LEAST);
  });
  const mean = weights.reduce((sum, one) => sum + one, 0) / weights.length;
  return weights.map((one) => one / mean);
}

function dot(one, other) {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += one[at] * other[at];
  return sum;
}

/** The monomials of x and y up to a degree at a place, for coordinates in [-1, 1]. */
function basisOf({ height, width }, degree) {
  const powers = (length) =>
    Array.from({ length }, (_, place) => {
      const value = (2 * (place + 0.5)) / length - 1;
      return Array.from({ length: degree + 1 }, (_, power) => value ** power);
    });
  const [ys, xs] = [powers(height), powers(width)];
  return (at) => {
    const [y, x] = [ys[Math.floor(at / width)], xs[at % width]];
    const row = [];
    for (let i = 0; i <= degree; i += 1) for (let j = 0; j <= degree - i; j += 1) row.push(y[j] * x[i]);
    return row;
  };
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
