/** Previews what a click would choose, from a small picture sent to the server while the pointer rests. */

import { canvas, decode, within } from "../drawing/canvas.js";
import { png } from "../drawing/encoding.js";
import { fields } from "../picture/choice.js";
import { remove } from "../service/service.js";

const LONGEST = 480; // longer side of the picture that is sent
const REST = 150; // milliseconds that a pointer has to rest
const HALF = 128; // of an alpha of 255
const MOST = 12; // regions that are kept of one picture

/** Asks for what pointing at a picture would choose; `onRegion(region, point)` gets it, or null where nothing is known. */
export class Hover {
  #onRegion;
  #timer = 0;
  #asking = new AbortController();
  #picture = null;
  #file = null; // a Promise of the small picture
  #base = ""; // what is chosen beside it
  #regions = []; // { canvas, data, share } of points before, the last first

  constructor(onRegion) {
    this.#onRegion = onRegion;
  }

  /** Points at a place, in shares of the picture's sides: a click there adds it to `base`, which makes it `choice`. */
  aim(picture, point, base, choice) {
    this.stop();
    if (picture !== this.#picture) this.#begin(picture);
    if (JSON.stringify(base) !== this.#base) this.#regions = [];
    this.#base = JSON.stringify(base);
    this.#onRegion(this.#regions.find((region) => holds(region, point)) ?? null, null);
    this.#timer = setTimeout(() => this.#ask(point, choice), REST);
  }

  /** Points at nothing. */
  stop() {
    clearTimeout(this.#timer);
    this.#asking.abort();
  }

  #begin(picture) {
    this.#picture = picture;
    this.#regions = [];
    this.#file = png(within(picture.original, LONGEST)).then((blob) => new File([blob], "small.png"));
  }

  async #ask(point, choice) {
    const { signal } = (this.#asking = new AbortController());
    try {
      const wanted = { ...fields({ ...choice, keepShadow: false }), only_mask: "true", format: "png", allow_empty: "true" };
      const { blob } = await remove({ image: await this.#file, fields: wanted, signal, tries: 1 });
      const region = regionOf((await decode(blob)).canvas);
      if (signal.aborted) return;
      if (holds(region, point)) this.#regions = [region, ...this.#regions].slice(0, MOST);
      this.#onRegion(holds(region, point) ? region : null, point);
    } catch {
      // What can't be shown before a click is found by the click.
    }
  }
}

/** The region of a mask of grey levels: a canvas that is opaque white in it, its levels, and its share of the picture. */
function regionOf(mask) {
  const { width, height } = mask;
  const image = mask.getContext("2d").getImageData(0, 0, width, height);
  let count = 0;
  for (let at = 0; at < image.data.length; at += 4) {
    const level = image.data[at];
    image.data.set([255, 255, 255, level], at);
    if (level >= HALF) count++;
  }
  const made = canvas(width, height);
  made.getContext("2d").putImageData(image, 0, 0);
  return { canvas: made, data: image.data, share: count / (width * height) };
}

/** Whether a place lies in a region. */
function holds({ canvas: { width, height }, data }, { x, y }) {
  const column = Math.min(Math.floor(x * width), width - 1);
  const row = Math.min(Math.floor(y * height), height - 1);
  return data[4 * (row * width + column) + 3] >= HALF;
}
