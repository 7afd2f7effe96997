/** Sharpens a coarse alpha where it is uncertain away from any edge, as the server's `sharpen_uncertain` does. */

import { boxMax } from "../arrays/box-filter.js";
import { plane } from "../arrays/size.js";

const REACH = 4; // pixels of the coarse alpha within which an edge goes from certain subject to certain background
const DECISION = 3; // the factor of the logit where there is no edge

/** Return the coarse alpha, a plane in [0, 1], with uncertain areas moved to 0 or 1, whichever is nearer. */
export function sharpenUncertain(coarse) {
  const most = boxMax(coarse, REACH).data;
  const least = boxMax(plane(coarse, coarse.data.map((alpha) => 1 - alpha)), REACH).data; // of the complement the largest
  const made = coarse.data.map((alpha, at) => {
    const power = 1 + (DECISION - 1) * (2 - most[at] - least[at]);
    return 1 / (1 + ((1 - alpha) / alpha) ** power);
  });
  return plane(coarse, made);
}
