/** A stroke's part of a picture, in the worker: the files to send for it, and the result of the answer. */

import { canvas } from "../drawing/canvas.js";
import { addRefined, bandsOf, emptied } from "../drawing/stroke.js";
import { within } from "../local/arrays/size.js";
import { LinearAlpha } from "./alpha.js";
import { cutoutOf } from "./colours.js";
import { photo } from "./photo.js";
import { reducedTo } from "./reduce.js";
import { levelsIn, trimap, unknownRuns } from "./trimap.js";
import { write } from "./trimap-png.js";

const SOLVED = 448; // longer side of what is sent: a larger part is solved at 512, in more time and hardly better
const LARGEST = { photo: 8192, trimap: 2048 }; // longer sides of a transparent part, whose alpha isn't the colours' alone

/** What is given of an `Edge`; the part before the stroke, which `give` gets, may come later. */
export class Part {
  give;
  #given;
  #before = new Promise((resolve) => (this.give = resolve));
  #small; // the part reduced to the size that is sent
  #trimap;
  #bands = null; // of each the pixels, the levels, of which some are unknown, and the runs of those
  #emptied; // the part before the stroke without what that may change

  constructor(given) {
    this.#given = given;
  }

  /** The files that the server finds the edge by, `{ image, mask }`; null where there is nothing to find. */
  async files() {
    const { original, stroke, box, isTransparent } = this.#given;
    this.#small = reducedTo(original, within(box, isTransparent ? LARGEST.photo : SOLVED));
    const written = photo(this.#small, stroke, box, isTransparent); // another thread does, while this one goes on
    const longest = isTransparent ? LARGEST.trimap : SOLVED;
    this.#given.before = await this.#before;
    this.#trimap = trimap(this.#given.before, isTransparent ? original : null, stroke, box, longest);
    const [image, mask] = await Promise.all([written, this.#trimap && write(this.#trimap)]);
    return this.#trimap ? { image, mask } : null;
  }

  /** Reads what is near the stroke, while the server finds the edge. */
  prepare() {
    const { original, before, stroke, box } = this.#given;
    if (this.#bands) return;
    this.#bands = bandsOf(stroke, box).map((band) => {
      const levels = this.#isReduced ? levelsIn(band, before, null, stroke, box) : null;
      return { band, image: pixelsOf(original, box, band), levels, runs: levels && unknownRuns(levels, band.width) };
    });
    this.#emptied = emptied(before, stroke, box);
  }

  /** The part with the edge that the server found, of its file, a mask; as a bitmap. */
  async withAnswer(found) {
    const { original, stroke, box } = this.#given;
    const mask = await createImageBitmap(found);
    this.prepare();
    if (this.#isReduced) this.#enlarge(mask);
    else for (const one of this.#bands) Object.assign(one, answered(pixelsOf(mask, box, one.band)));
    mask.close();
    const solved = cutoutOf(original, this.#bands, stroke.radius);
    addRefined(this.#emptied, solved, stroke, box);
    return this.#emptied.transferToImageBitmap();
  }

  /** Frees the bitmaps. */
  close() {
    this.#given.original.close();
    this.#before.then((before) => before.close());
  }

  get #isReduced() {
    return !this.#given.isTransparent && this.#small !== this.#given.original;
  }

  /** Makes the unknown levels of the bands those of the alpha in a reduced mask. */
  #enlarge(mask) {
    const whole = { x: 0, y: 0, width: this.#small.width, height: this.#small.height };
    const [image, { data }] = [this.#small, mask].map((one) => pixelsOf(one, whole, whole));
    const alpha = new LinearAlpha(image, this.#trimap, data, this.#given.box);
    for (const { band, image, levels, runs } of this.#bands) alpha.write(levels, image.data, band, runs);
  }
}

/** The pixels of a band of a source that is enlarged to a size. */
function pixelsOf(source, { width, height }, band) {
  const context = canvas(band.width, band.height).getContext("2d");
  context.drawImage(source, -band.x, -band.y, width, height);
  return context.getImageData(0, 0, band.width, band.height);
}

/** The levels of a grey picture, and one run of them all. */
function answered({ data }) {
  const levels = new Uint8Array(data.length / 4);
  for (let at = 0; at < levels.length; at++) levels[at] = data[4 * at];
  return { levels, runs: Int32Array.of(0, levels.length) };
}
