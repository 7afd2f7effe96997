/** The separate regions of a cutout: what is connected where its alpha is above one half. */

import { within } from "./canvas.js";

const FINEST = 160; // longer side at which regions are found
const HALF = 128; // of an alpha of 255
const SPECK = 0.03; // of the largest region's area: what is smaller is no subject, as for the server

/** Regions of a canvas; places are in shares of its width and height. */
export class Regions {
  #width;
  #height;
  #labels; // of each pixel: 0 outside, else the number of its region
  #areas = [0];

  constructor(source) {
    const small = within(source, FINEST);
    [this.#width, this.#height] = [small.width, small.height];
    const { data } = small.getContext("2d").getImageData(0, 0, small.width, small.height);
    this.#labels = new Int32Array(small.width * small.height);
    for (let at = 0; at < this.#labels.length; at++) {
      if (data[4 * at + 3] >= HALF && !this.#labels[at]) this.#areas.push(this.#fill(at, this.#areas.length, data));
    }
  }

  /** The number of the region at a place; 0 where there is none. */
  at({ x, y }) {
    const column = Math.min(Math.floor(x * this.#width), this.#width - 1);
    const row = Math.min(Math.floor(y * this.#height), this.#height - 1);
    return this.#labels[row * this.#width + column];
  }

  /** A place well inside each region but this one, specks left out. */
  others(number) {
    const least = SPECK * Math.max(...this.#areas);
    const away = this.#away();
    return this.#areas.flatMap((area, label) => (label && label !== number && area >= least ? [this.#inmost(label, away)] : []));
  }

  /** Gives a pixel and all that are connected with it a label; returns their number. */
  #fill(start, label, data) {
    const [width, labels] = [this.#width, this.#labels];
    const open = [start];
    labels[start] = label;
    let area = 0;
    while (open.length) {
      const at = open.pop();
      area++;
      const column = at % width;
      const beside = [at - width, at + width, ...(column ? [at - 1] : []), ...(column < width - 1 ? [at + 1] : [])];
      for (const next of beside) {
        if (next < 0 || next >= labels.length || labels[next] || data[4 * next + 3] < HALF) continue;
        labels[next] = label;
        open.push(next);
      }
    }
    return area;
  }

  /** How many steps each pixel is from one outside, or from the frame: two passes over the rows. */
  #away() {
    const [width, labels] = [this.#width, this.#labels];
    const away = new Int32Array(labels.length);
    const step = (at, one, other) => {
      if (labels[at]) away[at] = Math.min(away[at] || Infinity, (away[one] ?? 0) + 1, (away[other] ?? 0) + 1);
    };
    for (let at = 0; at < labels.length; at++) step(at, at - width, at % width ? at - 1 : -1);
    for (let at = labels.length - 1; at >= 0; at--) step(at, at + width, at % width < width - 1 ? at + 1 : -1);
    return away;
  }

  #inmost(label, away) {
    let best = -1;
    for (let at = 0; at < away.length; at++) if (this.#labels[at] === label && !(away[at] <= away[best])) best = at;
    return { x: ((best % this.#width) + 0.5) / this.#width, y: (Math.floor(best / this.#width) + 0.5) / this.#height };
  }
}
