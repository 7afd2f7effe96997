/** Writes a ZIP archive without compression, since pictures are compressed already. */

import { tr } from "../messages/language.js";

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n >>> 0;
});
const LARGEST = 0xffffffff; // without ZIP64, in bytes
const MOST = 0xffff; // without ZIP64, in files
const UTF8 = 1 << 11; // the flag of names in UTF-8

/** The checksum of bytes that ZIP asks for. */
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}

/**
 * A Blob of `[{ name, blob }]` as a ZIP archive (PKWARE's APPNOTE 6.3.10, 4.3), every name once.
 *
 * Throws `RangeError` where it would need ZIP64: 4 GiB or 65,536 files.
 */
export async function zip(files, now = new Date()) {
  const parts = [];
  const directory = [];
  const names = distinct(files.map((file) => file.name));
  let offset = 0;
  for (const [index, { blob }] of files.entries()) {
    const name = new TextEncoder().encode(names[index]);
    const crc = crc32(new Uint8Array(await blob.arrayBuffer()));
    const common = [20, UTF8, 0, ...clock(now), crc, blob.size, blob.size, name.length, 0];
    const sizes = [2, 2, 2, 2, 2, 4, 4, 4, 2, 2];
    const local = record(0x04034b50, common, sizes);
    directory.push(record(0x02014b50, [20, ...common, 0, 0, 0, 0, offset], [2, ...sizes, 2, 2, 2, 4, 4]), name);
    parts.push(local, name, blob);
    offset += local.length + name.length + blob.size;
    if (offset > LARGEST || files.length > MOST) throw new RangeError(tr("too much for one ZIP; download the pictures one by one"));
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  if (offset + length > LARGEST) throw new RangeError(tr("too much for one ZIP; download the pictures one by one"));
  const end = record(0x06054b50, [0, 0, files.length, files.length, length, offset, 0], [2, 2, 2, 2, 4, 4, 2]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/** The names, with a number where one stood before: ZIP lets two be the same, unpackers don't. */
export function distinct(names) {
  const taken = new Set();
  return names.map((name) => {
    const dot = name.lastIndexOf(".");
    const [stem, suffix] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
    let result = name;
    for (let number = 2; taken.has(result.toLowerCase()); number++) result = `${stem}-${number}${suffix}`;
    taken.add(result.toLowerCase());
    return result;
  });
}

function record(signature, values, sizes) {
  const view = new DataView(new ArrayBuffer(4 + sizes.reduce((sum, size) => sum + size, 0)));
  view.setUint32(0, signature, true);
  let at = 4;
  for (const [index, size] of sizes.entries()) {
    if (size === 2) view.setUint16(at, values[index], true);
    else view.setUint32(at, values[index], true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}

/** Time and date as MS-DOS kept them: two seconds are the least. */
function clock(now) {
  const time = (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1);
  return [time, (Math.max(now.getFullYear() - 1980, 0) << 9) | ((now.getMonth() + 1) << 5) | now.getDate()];
}
