/** The file of a picture's result, made by the server. */

import { within } from "../drawing/canvas.js";
import { loadSceneOf } from "../files/scenes.js";
import { fields as choiceFields } from "../picture/choice.js";
import { png } from "../drawing/encoding.js";
import { layoutFields } from "../picture/layout.js";
import { key, request } from "../picture/settings.js";
import { greys } from "../drawing/stroke.js";

const LARGEST_MASK = 2048; // longer side, where the server has to refine it because the page can't hold the whole

/** Results of one picture; what was made last is kept, in each format. */
export class Results {
  #made = new Map(); // "mask" or a format -> the last { key, blob }

  /** The result in this format; `ask(request)` asks the server. */
  async file(picture, format, ask) {
    const chosen = picture.version ? {} : choiceFields(picture.accepted); // what was painted says all that they do
    await loadSceneOf(picture.settings);
    const { fields, background } = request(picture.settings, format, picture.longer);
    Object.assign(fields, layoutFields(picture.layout, picture.settings));
    const wanted = `${picture.version} ${JSON.stringify([chosen, fields])} ${key(picture.settings, format, picture.longer)}`;
    const last = this.#made.get(format);
    if (last?.key === wanted) return last.blob;
    const isFirst = !picture.version && format === "png" && !background && Object.keys(fields).length === 1;
    const mask = picture.version ? await this.#mask(picture) : null;
    const blob = isFirst ? picture.cut.blob : (await ask({ fields: { ...fields, ...chosen }, background, mask })).blob;
    this.#made.set(format, { key: wanted, blob });
    return blob;
  }

  /** The alpha of what was painted, as grey levels. */
  async #mask({ version, cutout, clearOriginal, size }) {
    if (this.#made.get("mask")?.key !== version) {
      const mask = greys(cutout, clearOriginal);
      const isWhole = mask.width === size.width;
      this.#made.set("mask", { key: version, blob: await png(isWhole ? mask : within(mask, LARGEST_MASK)) });
    }
    return this.#made.get("mask").blob;
  }
}
