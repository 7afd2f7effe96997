/** Writes a trimap as a PNG of three greys, two bits a pixel: a fifth of the bytes of the browser's own PNG. */

import { SIGNATURE, chunk, deflated } from "../local/imaging/png.js";

const [BITS, INDEXED] = [2, 3]; // of a pixel, and the colour type
const GREYS = [0, 128, 255]; // index 0, 1 and 2

/** A PNG of `{ levels, width, height }`, a byte of 0, 128 or 255 for each pixel. */
export async function write({ levels, width, height }) {
  const palette = Uint8Array.from(GREYS.flatMap((grey) => [grey, grey, grey]));
  const data = await deflated(rowsOf(levels, width, height));
  const chunks = [["IHDR", header(width, height)], ["PLTE", palette], ["IDAT", data], ["IEND", new Uint8Array(0)]];
  return new Blob([SIGNATURE, ...chunks.map(([type, bytes]) => chunk(type, bytes))], { type: "image/png" });
}

function header(width, height) {
  const data = new DataView(new ArrayBuffer(13));
  data.setUint32(0, width);
  data.setUint32(4, height);
  data.setUint8(8, BITS);
  data.setUint8(9, INDEXED);
  return new Uint8Array(data.buffer);
}

/** Four pixels in each byte, the first one highest, and before each row a 0: it isn't filtered. */
function rowsOf(levels, width, height) {
  const step = Math.ceil(width / 4) + 1;
  const made = new Uint8Array(step * height);
  for (let y = 0, at = 0; y < height; y++) {
    const start = y * step + 1;
    for (let x = 0; x < width; x++, at++) made[start + (x >> 2)] |= ((levels[at] + 1) >> 7) << (6 - 2 * (x & 3));
  }
  return made;
}
