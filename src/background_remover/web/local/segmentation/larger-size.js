/** The mean of the network's answers at its own and at a larger size, for pictures of which it isn't sure. */

import { resize } from "../arrays/resample.js";
import { plane } from "../arrays/size.js";
import { coarse } from "./network.js";

const SURE = 0.8; // the confidence from which on the network's own size is as good: nine pictures of ten have it
const SCALE = 1.2; // of the larger size to the network's own
const LEAST = 256; // pixels: networks of smaller pictures are asked at their own size alone

/** Return the best answer to a whole picture: the `first`, of this confidence, or the mean with one at a larger size. */
export async function averaged(image, first, confidence, runtime) {
  const [own, multiple] = [Number(runtime.model.longest_side), Number(runtime.model.multiple)];
  if (confidence >= SURE || own < LEAST || multiple >= own) return first;
  const larger = resize(await coarse(image, runtime, { scale: SCALE }), first, "bilinear");
  return plane(first, first.data.map((alpha, at) => (alpha + larger.data[at]) / 2));
}
