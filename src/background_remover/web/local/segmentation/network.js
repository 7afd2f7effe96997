/** The network's answer to a picture of any size: resized as the server does it, and run. */

import { flipped } from "../arrays/parts.js";
import { resizeWithGap } from "../arrays/reduce.js";
import { plane } from "../arrays/size.js";
import { step } from "../steps.js";

const GAP = 4; // a picture of up to eight times the network's size is reduced in one step

/** The network's input size for a picture: the longer side `longest`, both multiples of `multiple`, the ratio kept best. */
function fitSize({ height, width }, multiple, longest) {
  const long = Math.max(Math.floor(longest / multiple), 1) * multiple;
  const exact = (long * Math.min(height, width)) / Math.max(height, width);
  let short = multiple;
  for (let side = multiple; side <= long; side += multiple) {
    if (Math.abs(Math.log(side / exact)) < Math.abs(Math.log(short / exact))) short = side;
  }
  return height < width ? { height: short, width: long } : { height: long, width: short };
}

/** Return the coarse alpha of an image (bytes, three or four channels), a plane of the network's own size. */
export async function coarse(image, runtime) {
  return predict(await fitted(image, runtime, Number(runtime.model.longest_side)), runtime);
}

/** Return that of a crop in its second pass: of its mirror image, within `crop_side`, and mirrored back. */
export async function coarseOfCrop(crop, runtime) {
  const { crop_side: side, longest_side: own } = runtime.model;
  return ofMirrorImage(await fitted(crop, runtime, Number(side || own)), runtime);
}

/** Return the flip average: the mean of the coarse alphas of an image and its mirror image, at `longest` pixels or fewer. */
export async function flipAveraged(image, runtime, longest = Infinity) {
  const seen = await fitted(image, runtime, Math.min(longest, Number(runtime.model.longest_side)));
  const [one, other] = [await predict(seen, runtime), await ofMirrorImage(seen, runtime)];
  return plane(one, one.data.map((alpha, at) => (alpha + other.data[at]) / 2));
}

function fitted(image, runtime, longest) {
  const size = fitSize(image, Number(runtime.model.multiple), longest);
  return step("reduce", () => resizeWithGap(image, size, GAP));
}

async function ofMirrorImage(seen, runtime) {
  return flipped(await predict(flipped(seen), runtime));
}

/** Return the alpha of an image of the network's own size, with the planes of prompts, if there are any. */
async function predict(image, runtime, prompts = undefined) {
  const run = () => runtime.run(withoutAlpha(image), [1, image.height, image.width, 3], prompts);
  const alpha = await step("network", run);
  const data = alpha.map((value) => Math.min(Math.max(value, 0), 1)); // a quantised sigmoid may round past 1
  return plane(image, data);
}

function withoutAlpha({ data, height, width, channels }) {
  if (channels === 3) return data;
  const made = new Uint8Array(height * width * 3);
  for (let from = 0, to = 0; to < made.length; from += channels, to += 3) {
    for (let channel = 0; channel < 3; channel += 1) made[to + channel] = data[from + channel];
  }
  return made;
}
