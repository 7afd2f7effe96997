/**
 * The server's pipeline in the browser: a picture in, its cutout out.
 *
 * `runtime` runs a model: `{ model, takesPrompts, run(pixels, shape, prompts) }`. `model` is what the metadata of the
 * model file say, texts by name ("multiple", "longest_side", "confidence", "empty_below", "unsure_below", ...).
 * `run(pixels, [1, height, width, 3], prompts?)` takes the model's input `image`, a Uint8Array of RGB (and, only where
 * `takesPrompts`, its input `prompts`, a Uint8Array of [1, height, width, 4]) and resolves to the output `alpha`, a
 * Float32Array of height x width values in [0, 1]. It is called several times for one picture, one after the other.
 */

import { cropped } from "./arrays/parts.js";
import { shrink } from "./arrays/reduce.js";
import { within } from "./arrays/size.js";
import { LocalFailure } from "./failure.js";
import { decode } from "./imaging/decode.js";
import { png } from "./imaging/png.js";
import { continued, shown } from "./imaging/transparency.js";
import { takeOutBackground } from "./matting/foreground.js";
import { refine } from "./matting/guided-filter.js";
import { isCutout } from "./matting/own-alpha.js";
import { sharpenUncertain } from "./matting/sharpen.js";
import { confidence } from "./segmentation/confidence.js";
import { coarse } from "./segmentation/network.js";
import { blend, cropFor } from "./segmentation/second-pass.js";

const REDUCED = 1024; // pixels of the longer side at which edges and colours are found

/**
 * The answer to one request, as `remove` of `service/service.js` gives it: `{ blob, confidence, isUnsure, ground }`.
 *
 * `image`, `mask` and `background` are blobs or null, `fields` texts by the names of the server's fields.
 * `onProgress("cutting", share)` is called on the way. Throws `LocalFailure`.
 */
export async function remove({ image, mask, background, fields, onProgress = () => {} }, runtime) {
  onProgress("cutting", 0);
  const unknown = [...Object.keys(fields).filter((name) => name !== "format"), mask && "mask", background && "background"].find(Boolean);
  if (unknown) throw new LocalFailure("refused", `${unknown} needs a server as yet; leave it out`);
  if (fields.format !== "png") throw new LocalFailure("refused", "without a server there is only PNG as yet");
  const picture = await decode(image);
  const seen = shown(picture.image, picture.opacity);
  const first = await coarse(seen, runtime);
  const verdict = judge(first, runtime.model);
  if (verdict.isEmpty) throw new LocalFailure("empty", `no subject found (confidence ${verdict.confidence.toFixed(2)})`);
  const network = await withEdges(seen, first, runtime);
  const isDone = picture.opacity && isCutout(network, picture.opacity);
  const alpha = isDone ? visible(picture.opacity) : network;
  const colours = ownColours(picture, alpha);
  const blob = await png(composed(colours, alpha, picture.opacity), alpha.width, alpha.height, picture.icc);
  onProgress("cutting", 1);
  return { blob, confidence: verdict.confidence, isUnsure: verdict.isUnsure, ground: isDone ? "cutout" : "photo" };
}

/** The IoU to expect of a cut with this coarse alpha, and whether there is no subject, or an unsure one. */
function judge(first, { confidence: curve, empty_below: empty, unsure_below: unsure = 0 }) {
  const sure = confidence(first, curve);
  return { confidence: sure, isEmpty: sure < Number(empty), isUnsure: sure < Number(unsure) };
}

/** The alpha at the picture's own size, from the network's answers to the whole and to a crop around a small subject. */
async function withEdges(image, first, runtime) {
  const alpha = refine(image, sharpenUncertain(first), small(image));
  const box = cropFor(first, image);
  if (box) {
    const part = cropped(image, box);
    const second = await coarse(part, runtime);
    blend(alpha, refine(part, sharpenUncertain(second), small(part)), box);
  }
  return alpha;
}

function small(image) {
  return shrink(image, within(image, REDUCED));
}

/** All that is visible, as an alpha. */
function visible(opacity) {
  return { ...opacity, data: opacity.data.map((one) => (one > 0 ? 1 : 0)) };
}

/** The subject's own colours, in the picture's own space. */
function ownColours({ image, native, opacity }, alpha) {
  const colours = continued(native ?? image, opacity);
  takeOutBackground(colours, alpha, small(colours));
  return colours;
}

/** Bytes of RGBA with the alpha, times the file's own; colours of transparent pixels are 0. */
function composed({ data }, alpha, opacity) {
  const clamped = new Uint8ClampedArray(data.buffer); // which rounds halves to even, as the server does
  const words = new Uint32Array(data.buffer);
  for (let at = 0; at < words.length; at += 1) {
    const share = opacity ? Math.fround(alpha.data[at] * opacity.data[at]) : alpha.data[at];
    clamped[at * 4 + 3] = Math.fround(share * 255);
    if (!clamped[at * 4 + 3]) words[at] = 0;
  }
  return data;
}
