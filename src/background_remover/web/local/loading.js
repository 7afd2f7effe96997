/** Loads the large files of a site: compared with their hashes, and unpacked. */

import { LocalFailure } from "./failure.js";

/**
 * Return what a packed file holds, as a buffer; where it didn't arrive whole it is loaded anew, past all caches.
 *
 * `wanted` is `{ file, bytes, sha256, stride, size }`: its full address, length and hash, how its content is ordered,
 * and the length of that. `onBytes(step)` is called on the way. Throws `LocalFailure`: "away" or "incomplete".
 */
export async function load(wanted, onBytes) {
  const packed = (await loadOnce(wanted, "default", onBytes)) ?? (await loadOnce(wanted, "reload", () => {})) ?? incomplete(wanted);
  return unpacked(packed, wanted);
}

/** The content of a file packed by gzip, every `stride`-th byte of which lies beside the others (static_site/packing.py). */
async function unpacked(packed, { stride, size }) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  if (stride === 1) return planes.buffer;
  const made = new Uint8Array(size);
  for (let first = 0, from = 0; first < stride; first += 1) {
    for (let at = first; at < size; at += stride, from += 1) made[at] = planes[from];
  }
  return made.buffer;
}

/** The bytes, or null where they aren't the file's. */
async function loadOnce({ file, bytes, sha256 }, cache, onBytes) {
  const answer = await fetch(file, { cache }).catch((error) => awayFor(file, error));
  if (!answer.ok) awayFor(file, new Error(`the host says ${answer.status}`));
  const content = new Uint8Array(bytes);
  let length = 0;
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true })); // broken off: it is too short
    if (done) break;
    if (length + value.length > bytes) return null;
    content.set(value, length);
    length += value.length;
    onBytes(value.length);
  }
  return length === bytes && (await isOf(content, sha256)) ? content : null;
}

/** Whether bytes have this SHA-256; without https a browser can't say, and the length has to do. */
async function isOf(content, sha256) {
  if (!globalThis.crypto?.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === sha256;
}

/** Throws that a file can't be had. */
export function awayFor(file, error) {
  throw new LocalFailure("away", `${file}: ${error.message}`);
}

function incomplete({ file }) {
  throw new LocalFailure("incomplete", `${file} arrived only in part`);
}
