/** Whether a picture is a cutout already: the alpha that its file brings along beside the one that was found. */

import { boxAny } from "../arrays/box-filter.js";
import { where } from "../arrays/size.js";
import { SEEN, sampled } from "../imaging/transparency.js";

const DOUBTED = 0.2; // an alpha from which on a pixel may be subject
const KEPT = 0.85; // of all that is visible: with less in the subject the picture is a scene of which the subject is a part
const ENCLOSED = 0.85; // of the subject's surroundings: with less transparent there is a background yet to be removed
const [NEAR, FAR] = [2, 5]; // pixels of the sample: surroundings begin beyond the first

/** Return whether nothing is left to remove: the file's own transparency encloses the subject that was found. */
export function isCutout(alpha, opacity) {
  const [found, own] = [sampled(alpha), sampled(opacity)];
  const subject = where(own, (one, at) => one >= SEEN && found.data[at] >= Math.fround(DOUBTED));
  if (own.data.every((one) => one >= SEEN) || !subject.data.some(Boolean)) return false;
  let [kept, all] = [0, 0];
  own.data.forEach((one, at) => {
    all += one;
    if (subject.data[at]) kept += one;
  });
  return kept / all >= KEPT && enclosed(subject, own) >= ENCLOSED;
}

/** The share of a subject's surroundings that is transparent; 0 where it has none. */
function enclosed(subject, opacity) {
  const [far, near] = [boxAny(subject, FAR).data, boxAny(subject, NEAR).data];
  let [around, hidden] = [0, 0];
  far.forEach((one, at) => {
    if (!one || near[at]) return;
    around += 1;
    if (opacity.data[at] < SEEN) hidden += 1;
  });
  return hidden / Math.max(around, 1);
}
