/** Writes PNG files with straight alpha, which `canvas.toBlob` doesn't: it premultiplies, and spoils colours at edges. */

import { bands } from "../arrays/parts.js";
import { sharing, spread } from "../threads.js";
import { BEGINNING, ending, packedPart } from "./deflate.js";

const LARGE = 2 ** 22; // bytes from which on the time that they take to pack counts more than a few per cent of them
const BAND = 2 ** 20; // bytes that are packed at once
/** The first bytes of a file. */
export const SIGNATURE = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
const COLOUR_TYPES = { 1: 0, 3: 2, 4: 6 }; // of so many channels
const METRE = 0.0254; // of an inch
const UP = 2; // the filter that stores each byte as its difference to the one above
const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function checksum(bytes) {
  let value = ~0;
  for (const one of bytes) value = TABLE[(value ^ one) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}

/** A chunk of a file, of a type of four letters. */
export function chunk(type, data) {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, checksum(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

function header({ width, height, channels }) {
  const bytes = new Uint8Array(13);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  bytes[8] = 8; // bits per channel
  bytes[9] = COLOUR_TYPES[channels];
  return bytes;
}

/** Rows of an image as a file has them, each after the number of its filter. */
function filtered({ data: pixels, width, channels }, { top, bottom }) {
  const row = width * channels;
  const made = new Uint8Array((bottom - top) * (row + 1));
  for (let y = top, to = 0; y < bottom; y += 1) {
    made[to] = UP;
    to += 1;
    if (y === 0) made.set(pixels.subarray(0, row), to);
    else for (let x = 0, at = y * row; x < row; x += 1, at += 1) made[to + x] = pixels[at] - pixels[at - row];
    to += row;
  }
  return made;
}

/** The chunks of an image's rows, packed in bands by all threads. */
async function packedBands(image) {
  const rows = Math.max(1, Math.floor(BAND / (image.width * image.channels)));
  const packed = (await spread(import.meta.url, packBands, { image: sharing(image) }, bands(image, rows))).flat();
  packed.sort((one, other) => one.top - other.top);
  const chunks = packed.map(({ bytes }) => bytes);
  return [chunk("IDAT", BEGINNING), ...chunks, chunk("IDAT", ending(packed.map(({ sum }) => sum)))];
}

/** Packs some bands, each as a chunk of its own; called by `spread`. */
export function packBands({ image }, parts) {
  const made = [];
  for (const part of parts) {
    const { bytes, sum } = packedPart(filtered(image, part));
    made.push({ top: part.top, bytes: chunk("IDAT", bytes), sum });
  }
  return made;
}

/** Return bytes as a zlib stream. */
export async function deflated(bytes) {
  if (bytes.length >= LARGE) {
    const { bytes: packed, sum } = packedPart(bytes);
    return joined(BEGINNING, packed, ending([sum]));
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function profile(icc) {
  return icc ? chunk("iCCP", joined(new TextEncoder().encode("ICC profile\0\0"), await deflated(icc))) : chunk("sRGB", new Uint8Array(1));
}

/** The chunk of a resolution in pixels in an inch, or nothing. */
function resolution(dpi) {
  if (!dpi) return [];
  const data = new DataView(new ArrayBuffer(9));
  for (const at of [0, 4]) data.setUint32(at, Math.round(dpi / METRE));
  data.setUint8(8, 1); // in metres
  return [chunk("pHYs", new Uint8Array(data.buffer))];
}

function joined(...parts) {
  const made = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

/**
 * Return a PNG of bytes, `{ data, height, width, channels }`: grey, RGB, or RGBA with straight alpha.
 *
 * It is in the space of a profile, given as its bytes, or in sRGB; `dpi` is its resolution, 0 for none.
 */
export async function png(image, icc = null, dpi = 0) {
  const { data, height, width, channels } = image;
  if (data.length !== height * width * channels) {
    throw new RangeError(`${data.length} bytes given, ${width}x${height} of ${channels} channels are ${height * width * channels}`);
  }
  const before = [chunk("IHDR", header(image)), await profile(icc), ...resolution(dpi)];
  const isLarge = data.length >= LARGE;
  const whole = { top: 0, bottom: height };
  const parts = isLarge ? await packedBands(image) : [chunk("IDAT", await deflated(filtered(image, whole)))];
  return new Blob([SIGNATURE, ...before, ...parts, chunk("IEND", new Uint8Array(0))], { type: "image/png" });
}
