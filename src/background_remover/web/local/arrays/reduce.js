/** Reduces arrays by means over whole squares, to the values of Pillow's `reduce`. */

import { resize } from "./resample.js";
import { isSameSize } from "./size.js";

const PAIRED = 257; // bytes whose sum fits in 16 bits, whatever they are

/**
 * The sums of blocks of `down` x `along` samples, row by row: `write(sums, y, count)`, `count` lines having been added.
 *
 * A block that reaches over an edge has fewer samples.
 */
function blocks(array, down, along, write) {
  const { data, height, width, channels } = array;
  const size = { height: Math.ceil(height / down), width: Math.ceil(width / along), channels };
  const isBytes = data.BYTES_PER_ELEMENT === 1;
  const isPaired = isBytes && channels === 4 && down * along <= PAIRED && data.byteOffset % 4 === 0;
  const sums = new (isBytes ? Uint32Array : Float64Array)(size.width * channels);
  const add = isPaired ? pairedLines(array, along, size.width, sums) : (line) => addLine(array, line, along, sums);
  for (let y = 0; y < size.height; y += 1) {
    const end = Math.min((y + 1) * down, height);
    sums.fill(0);
    for (let line = y * down; line < end; line += 1) add(line);
    if (isPaired) add(null);
    write(sums, y, end - y * down);
  }
  return size;
}

/** Adds lines of RGBA bytes, two of which are held in each number of 32 bits; without a line it writes the sums. */
function pairedLines({ data, width }, along, count, sums) {
  const words = new Int32Array(data.buffer, data.byteOffset, data.length / 4);
  const [even, odd] = [new Int32Array(count), new Int32Array(count)];
  return (line) => {
    if (line === null) return unpaired(even, odd, sums);
    let at = line * width;
    for (let block = 0, left = 0; block < count; block += 1, left += along) {
      let [one, other] = [even[block], odd[block]];
      for (const end = at + Math.min(along, width - left); at < end; at += 1) {
        const word = words[at];
        one = (one + (word & 0xff00ff)) | 0;
        other = (other + ((word >>> 8) & 0xff00ff)) | 0;
      }
      even[block] = one;
      odd[block] = other;
    }
    return null;
  };
}

function unpaired(even, odd, sums) {
  for (let block = 0, to = 0; block < even.length; block += 1, to += 4) {
    sums[to] = even[block] & 0xffff;
    sums[to + 1] = odd[block] & 0xffff;
    sums[to + 2] = even[block] >>> 16;
    sums[to + 3] = odd[block] >>> 16;
    even[block] = odd[block] = 0;
  }
}

function addLine({ data, width, channels }, line, along, sums) {
  let at = line * width * channels;
  for (let left = 0, to = 0; left < width; left += along, to += channels) {
    const end = Math.min(left + along, width);
    for (let x = left; x < end; x += 1) {
      for (let channel = 0; channel < channels; channel += 1, at += 1) sums[to + channel] += data[at];
    }
  }
}

/** Return an array of bytes or of float32 numbers reduced by area means; the server's `shrink`. */
export function shrink(array, size) {
  const step = Math.min(Math.floor(array.height / size.height), Math.floor(array.width / size.width));
  if (step < 2) return resize(array, size, "box");
  return resize(means(array, step, step), size, "hamming", [0, 0, array.width / step, array.height / step]);
}

/** Return an array reduced to `size`, or itself where it has that already. */
export function reduced(array, size) {
  return isSameSize(array, size) ? array : shrink(array, size);
}

/**
 * Return pixels resized with a bilinear kernel, first reduced by whole means to no less than `gap` times the new size.
 *
 * It is Pillow's `resize` of bytes with `reducing_gap`.
 */
export function resizeWithGap(array, size, gap) {
  const along = Math.max(Math.trunc(array.width / size.width / gap), 1);
  const down = Math.max(Math.trunc(array.height / size.height / gap), 1);
  if (along === 1 && down === 1) return resize(array, size, "bilinear");
  return resize(means(array, down, along), size, "bilinear", [0, 0, array.width / along, array.height / down]);
}

/** Pillow's `reduce`: a mean over less than a block where one reaches over an edge. */
function means(array, down, along) {
  const { height, width, channels } = array;
  const columns = Math.ceil(width / along);
  const data = new array.data.constructor(Math.ceil(height / down) * columns * channels);
  const mean = data instanceof Float32Array ? (sum, count) => sum * (1 / count) : wholeMean;
  const size = blocks(array, down, along, (sums, y, lines) => {
    for (let x = 0; x < columns; x += 1) {
      const count = lines * (Math.min((x + 1) * along, width) - x * along);
      for (let channel = 0, at = x * channels; channel < channels; channel += 1, at += 1) {
        data[y * sums.length + at] = mean(sums[at], count);
      }
    }
  });
  return { data, ...size };
}

/** The mean of bytes by Pillow's fixed-point quotient. */
function wholeMean(sum, count) {
  const factor = Math.floor(Math.fround(2 ** 32 / (256 * count)));
  return Math.floor(((sum + Math.floor(count / 2)) * factor) / 2 ** 24);
}
