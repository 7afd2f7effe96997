/** The outline around the subject, a band of one colour, as the server draws it (compositing/outline.py). */

import { enlargement } from "../arrays/enlarge.js";
import { shrink } from "../arrays/reduce.js";
import { plane } from "../arrays/size.js";
import { layer } from "./layers.js";

const WIDEST = 32; // pixels of a band at full size; a wider one is worked out on a reduced picture

/** Return a layer of a colour, four levels, within `width` pixels of the subject of a cutout. */
export function outline(cutout, width, colour) {
  const full = plane(cutout);
  for (let at = 0; at < full.data.length; at += 1) full.data[at] = cutout.data[at * 4 + 3] / 255;
  const step = Math.max(1, Math.ceil(width / WIDEST));
  const size = { height: Math.max(1, Math.floor(full.height / step)), width: Math.max(1, Math.floor(full.width / step)) };
  const share = step > 1 ? shrink(full, size) : full;
  const scale = full.width / share.width;
  return banded(distances(share, width / scale + 1), { width, scale, colour, size: full });
}

function banded(away, { width, scale, colour, size }) {
  const made = layer(size);
  const clamped = new Uint8ClampedArray(made.data.buffer);
  const row = enlargement(away, size);
  const line = new Float32Array(size.width);
  for (let y = 0, at = 0; y < size.height; y += 1) {
    row([away.data], y, 0, size.width, [line]);
    for (let x = 0; x < size.width; x += 1, at += 4) {
      for (let channel = 0; channel < 3; channel += 1) made.data[at + channel] = colour[channel];
      clamped[at + 3] = Math.min(Math.max(width + 0.5 - scale * line[x], 0), 1) * colour[3];
    }
  }
  return made;
}

/** Each pixel's distance from the subject's edge, `most` at the most, of the nearest pixels in each column. */
function distances(share, most) {
  const { height, width } = share;
  const { gap, beyond } = nearestInColumn(share, Math.ceil(most) + 1);
  const reach = Math.min(Math.ceil(most), width - 1);
  const made = plane(share, new Float32Array(height * width).fill(most));
  for (let shift = -reach; shift <= reach; shift += 1) {
    for (let y = 0; y < height; y += 1) {
      for (let x = Math.max(shift, 0), at = y * width + x; x < width + Math.min(shift, 0); x += 1, at += 1) {
        const from = at - shift;
        if (gap[from] > most) continue;
        const far = Math.sqrt(gap[from] * gap[from] + shift * shift) - beyond[from];
        if (far < made.data[at]) made.data[at] = far;
      }
    }
  }
  return made;
}

/** The rows to the nearest pixel of the subject in the column, `far` at most, and how much its alpha is above a half. */
function nearestInColumn({ data, height, width }, far) {
  const [gap, beyond] = [new Float32Array(height * width).fill(far), new Float32Array(height * width)];
  for (let x = 0; x < width; x += 1) {
    for (const [first, step] of [[0, 1], [height - 1, -1]]) {
      let last = -1;
      for (let y = first; y >= 0 && y < height; y += step) {
        const at = y * width + x;
        if (data[at] >= 0.5) last = y;
        const away = Math.abs(y - last);
        if (last < 0 || away >= far || (step < 0 && away >= gap[at])) continue;
        gap[at] = away;
        beyond[at] = Math.max(data[last * width + x] - 0.5, 0);
      }
    }
  }
  return { gap, beyond };
}
