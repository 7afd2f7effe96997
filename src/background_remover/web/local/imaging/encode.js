/** Writes RGBA bytes with straight alpha as a file: PNG by itself, WebP and JPEG by the browser. */

import { LocalFailure } from "../failure.js";
import { png } from "./png.js";

const LOSSY = { webp: { type: "image/webp", quality: 90 }, jpg: { type: "image/jpeg", quality: 95 } };

/**
 * Return a blob of an image, `{ data, height, width, channels, isOpaque }`, with a resolution of `dpi`, if any, but for
 * WebP. Throws `LocalFailure` where the format can't hold it.
 */
export async function encode(image, { format, quality, dpi }, icc) {
  if (format === "png") return png(image.isOpaque ? withoutAlpha(image) : image, icc, dpi);
  const lossy = LOSSY[format];
  if (format === "jpg" && image.channels === 4 && !image.isOpaque) throw new LocalFailure("refused", "a JPEG holds no transparency; give a background");
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d").putImageData(canvasPixels(image), 0, 0);
  const blob = await canvas.convertToBlob({ type: lossy.type, quality: (quality || lossy.quality) / 100 });
  if (blob.type !== lossy.type) throw new LocalFailure("refused", `this browser writes no ${lossy.type}; give format png`);
  return format === "jpg" && dpi ? withResolution(blob, dpi) : blob;
}

/** A JPEG with so many pixels in an inch in its first segment (JFIF 1.02). */
async function withResolution(blob, dpi) {
  const start = new DataView(await blob.slice(0, 20).arrayBuffer());
  if (start.getUint32(6) !== 0x4a464946) return blob; // "JFIF": other browsers may begin otherwise
  start.setUint8(13, 1); // in inches
  start.setUint16(14, dpi);
  start.setUint16(16, dpi);
  return new Blob([start, blob.slice(20)], { type: blob.type });
}

function withoutAlpha({ data, height, width }) {
  const made = new Uint8Array(height * width * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    made[to] = data[from];
    made[to + 1] = data[from + 1];
    made[to + 2] = data[from + 2];
  }
  return { data: made, height, width, channels: 3 };
}

/** What a canvas takes of grey levels or of RGBA bytes. */
function canvasPixels({ data, height, width, channels }) {
  const made = new ImageData(width, height); // which takes no memory that is shared
  if (channels === 4) made.data.set(data);
  if (channels === 4) return made;
  data.forEach((level, at) => made.data.set([level, level, level, 255], at * 4));
  return made;
}
