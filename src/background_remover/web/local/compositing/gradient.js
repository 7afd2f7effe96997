/** Gradients as backgrounds, without banding, as the server makes them (compositing/gradient.py). */

import { layer } from "./layers.js";

const TILE = 256; // pixels after which the dither repeats

/** Return a layer between two colours, four levels each; `angle` is CSS's in degrees, or null for a radial one. */
export function gradient({ start, end, angle }, size) {
  const made = layer(size);
  const share = angle === null ? radial(size) : linear(size, angle);
  const noise = dither();
  for (let y = 0, at = 0; y < size.height; y += 1) {
    for (let x = 0; x < size.width; x += 1, at += 4) {
      const part = share(y + 0.5 - size.height / 2, x + 0.5 - size.width / 2);
      const one = noise[(y % TILE) * TILE + (x % TILE)];
      for (let channel = 0; channel < 4; channel += 1) {
        made.data[at + channel] = Math.min(Math.trunc(start[channel] + part * (end[channel] - start[channel]) + one), 255);
      }
    }
  }
  return made;
}

/** How much of the end's colour there is so far down and along from the middle. */
function radial({ height, width }) {
  const most = Math.hypot(height, width) / 2;
  return (down, along) => Math.hypot(down, along) / most;
}

function linear({ height, width }, angle) {
  const [right, up] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];
  const length = Math.abs(width * right) + Math.abs(height * up);
  return (down, along) => Math.min(Math.max((along * right - down * up) / length + 0.5, 0), 1);
}

/** Interleaved gradient noise in [0, 1) (Jimenez, SIGGRAPH 2014). */
function dither() {
  return Float32Array.from({ length: TILE * TILE }, (_, at) => {
    const [row, column] = [Math.floor(at / TILE), at % TILE];
    return Math.min((52.9829189 * ((0.06711056 * column + 0.00583715 * row) % 1)) % 1, 0.99);
  });
}
