/**
 * The server's pipeline in the browser: a picture in, its cutout out.
 *
 * `runtime` runs a model: `{ model, takesPrompts, run(pixels, shape, prompts) }`. `model` is what the metadata of the
 * model file say, texts by name ("multiple", "longest_side", "crop_side", "confidence", "empty_below", ...).
 * `run(pixels, [1, height, width, 3], prompts?)` takes the model's input `image`, a Uint8Array of RGB (and, only where
 * `takesPrompts`, its input `prompts`, a Uint8Array of [1, height, width, 4]) and resolves to the output `alpha`, a
 * Float32Array of height x width values in [0, 1]. It is called several times for one picture, one after the other.
 */

import { cropped } from "./arrays/parts.js";
import { shrink } from "./arrays/reduce.js";
import { plane, within } from "./arrays/size.js";
import { addsColours, composed } from "./compositing/compose.js";
import { LocalFailure } from "./failure.js";
import { decode } from "./imaging/decode.js";
import { encode } from "./imaging/encode.js";
import { continued, shown } from "./imaging/transparency.js";
import { findGround } from "./keying/ground.js";
import { keyByColour, needsNetwork, refineByColour } from "./keying/key.js";
import { takeOutBackground } from "./matting/foreground.js";
import { alphaOf, trimapOf } from "./matting/given-mask.js";
import { refine } from "./matting/guided-filter.js";
import { isCutout } from "./matting/own-alpha.js";
import { sharpenUncertain } from "./matting/sharpen.js";
import { solve } from "./matting/trimap-solver.js";
import { read } from "./parameters/options.js";
import { choose } from "./prompts/choose.js";
import { Crops } from "./prompts/crops.js";
import { isPrompted, promptsOf } from "./prompts/read.js";
import { confidence } from "./segmentation/confidence.js";
import { coarse, coarseOfCrop, flipAveraged } from "./segmentation/network.js";
import { averaged, blend, cropFor, isSmall, isWhole } from "./segmentation/second-pass.js";
import { countOf, keepLargest } from "./segmentation/subjects.js";
import { clearSteps, step } from "./steps.js";
import { elsewhere, sharedCopy, sharing } from "./threads.js";

const REDUCED = 1024; // pixels of the longer side at which edges and colours are found
const VISIBLE = 0.5 / 255; // an alpha below this is 0 in a file of 8 bits
const GROUND = new URL("./keying/ground.js", import.meta.url).href; // the module of `findGround`
const smalls = new WeakMap(); // an image -> the same within `REDUCED`

/**
 * The answer to one request, as `remove` of `service/service.js` gives it: `{ blob, confidence, isUnsure, ground }`.
 *
 * `image`, `mask` and `background` are blobs or null, `fields` texts by the names of the server's fields.
 * `onProgress("cutting", share)` is called on the way. Throws `LocalFailure`.
 */
export async function remove({ image, mask, background, fields, onProgress = () => {} }, runtime) {
  onProgress("cutting", 0);
  clearSteps();
  const options = read(fields, { hasMask: Boolean(mask), hasBackground: Boolean(background) });
  const picture = inSpace(await step("decode", () => decode(image)), options, background);
  const found = mask ? await given(picture, mask, options) : await find(picture, options, runtime);
  if (found.isEmpty && !options.allow_empty) {
    throw new LocalFailure("empty", `no subject found (confidence ${found.confidence.toFixed(2)})`);
  }
  onProgress("cutting", 0.5);
  const blob = await made(picture, found, options, background);
  onProgress("cutting", 1);
  return { blob, confidence: found.confidence, isUnsure: found.isUnsure, ground: found.ground };
}

/** A picture with the colours that the result is made of: its own, or in sRGB where others are put beside them. */
function inSpace(picture, options, background) {
  const isOwn = picture.native !== null && !addsColours(options, background);
  return { ...picture, colours: isOwn ? picture.native : picture.image, icc: isOwn || !picture.native ? picture.icc : null };
}

/** The alpha of a picture, before the file's own, with what is known of it: its colours, shadow and confidence. */
async function find(picture, options, runtime) {
  if (!needsNetwork(options)) {
    return certain(await step("plain ground", () => keyByColour(picture.colours, options)), picture.opacity);
  }
  const seen = shown(picture.image, picture.opacity);
  const isChosen = isPrompted(options) || countOf(options.subjects) !== null;
  const first = await (isChosen ? chosen(seen, options, runtime) : coarse(seen, runtime));
  const verdict = assess(first, runtime.model);
  const second = isChosen ? null : await secondPass(seen, first, runtime);
  const isPhoto = isChosen || options.ground === "photo";
  const ground = isPhoto || picture.opacity ? null : elsewhere(GROUND, findGround, picture.colours);
  ground?.catch(() => {}); // it is thrown below, unless something else is before
  const alpha = await fullSize(seen, first, second);
  const keyed = isPhoto ? byNetwork(alpha) : await step("plain ground", () => byColour(picture, alpha, verdict, ground));
  return keyed.ground === "graphic" ? certain(keyed, picture.opacity) : { ...keyed, ...verdict };
}

function byNetwork(alpha) {
  return { ground: "photo", alpha, colours: null, shade: null };
}

/** The network's alpha of a picture on a plain ground refined, or that of a cutout that it is already. */
async function byColour({ colours, opacity }, alpha, { isEmpty }, ground) {
  if (!opacity) return refineByColour(colours, alpha, isEmpty, small, await ground);
  if (isEmpty || !isCutout(alpha, opacity)) return byNetwork(alpha);
  return { ...byNetwork(visible(opacity)), ground: "cutout" };
}

/** What was found by colour alone: it is certain, and empty where nothing can be seen. */
function certain(keyed, opacity) {
  const isSeen = keyed.alpha.data.some((one, at) => one * (opacity?.data[at] ?? 1) >= VISIBLE);
  return { ...keyed, confidence: Number(isSeen), isEmpty: !isSeen, isUnsure: false };
}

/** What clicks and a box mean of the network's answers, or its largest subjects: without a second pass, flip-averaged. */
async function chosen(image, options, runtime) {
  const isPointed = isPrompted(options);
  const alpha = await (isPointed ? choose(new Crops(image, runtime), promptsOf(options, image)) : flipAveraged(image, runtime));
  return keepLargest(alpha, countOf(options.subjects));
}

/** The same of a mask or a trimap that is given. */
async function given(picture, mask, options) {
  const seen = shown(picture.image, picture.opacity);
  const coarsely = keepLargest(await alphaOf(mask, seen), countOf(options.subjects));
  const trimap = trimapOf(coarsely);
  const alpha = await step("edges", () => (trimap ? solve(seen, trimap) : refine(seen, coarsely, small(seen))));
  return { ...byNetwork(alpha), confidence: 1, isEmpty: false, isUnsure: false };
}

/** The file of the result. */
async function made(picture, found, options, background) {
  if (options.only_mask) return written(levels(withOpacity(found.alpha, picture.opacity)), options, null);
  const own = () => ownColours(picture.colours, picture.opacity, found.alpha);
  const colours = found.colours ?? (await step("colours", own));
  const pixels = await step("composition", () => {
    const alpha = withOpacity(found.alpha, picture.opacity);
    const shade = options.keep_shadow ? found.shade : null;
    return composed(withAlpha(colours, alpha), { alpha, shade }, picture, options, background);
  });
  return written(pixels, options, picture.icc);
}

function written(pixels, options, icc) {
  return step("file", () => encode(pixels, options, icc));
}

/** The IoU to expect of a cut with this coarse alpha, and whether there is no subject, or an unsure one. */
function assess(first, { confidence: curve, empty_below: empty, unsure_below: unsure = 0 }) {
  const sure = confidence(first, curve);
  return { confidence: sure, isEmpty: sure < Number(empty), isUnsure: sure >= Number(empty) && sure < Number(unsure) };
}

/** The network's answer to a mirrored crop around the subject, `{ box, part, again }`; null where there is no subject. */
async function secondPass(image, first, runtime) {
  const box = cropFor(first, image);
  if (!box) return null;
  const part = isWhole(box, image) ? image : cropped(image, box);
  return { box, part, again: await coarseOfCrop(part, runtime) };
}

/** The alpha of an image at its own size, by the network's answers to it and to a crop. */
async function fullSize(image, first, second) {
  if (!second) return edges(image, first);
  const { box, part, again } = second;
  if (!isSmall(box, image)) return edges(image, averaged(first, again, box, image));
  const alpha = await edges(image, first);
  blend(alpha, await edges(part, again), box);
  return alpha;
}

/** The alpha of an image at its own size, from the network's. */
async function edges(image, first) {
  await step("reduce", () => small(image));
  return step("edges", () => refine(image, sharpenUncertain(first), small(image)));
}

/** An image within the size at which edges and colours are found; it is made once. */
function small(image) {
  if (!smalls.has(image)) smalls.set(image, sharing(shrink(image, within(image, REDUCED))));
  return smalls.get(image);
}

/** All that is visible, as an alpha. */
function visible(opacity) {
  return { ...opacity, data: opacity.data.map((one) => (one > 0 ? 1 : 0)) };
}

/** The subject's own colours, in the space of the given ones. */
async function ownColours(image, opacity, alpha) {
  const visibly = continued(image, opacity);
  const colours = { ...visibly, data: sharedCopy(visibly.data) }; // the picture may be put behind
  await takeOutBackground(colours, alpha, small(visibly));
  return colours;
}

/** An alpha times the file's own, in place. */
function withOpacity(alpha, opacity) {
  if (opacity) alpha.data.forEach((one, at) => (alpha.data[at] = one * opacity.data[at]));
  return alpha;
}

/** RGBA bytes with an alpha, in place. */
function withAlpha(image, alpha) {
  const clamped = new Uint8ClampedArray(image.data.buffer); // which rounds halves to even, as the server does
  for (let at = 0; at < alpha.data.length; at += 1) clamped[at * 4 + 3] = Math.fround(alpha.data[at] * 255);
  return image;
}

/** An alpha as grey levels. */
function levels(alpha) {
  return plane(alpha, new Uint8Array(Uint8ClampedArray.from(alpha.data, (one) => Math.fround(one * 255)).buffer));
}
