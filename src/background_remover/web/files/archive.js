/** Results of many pictures in one ZIP, with progress and a way to cancel. */

import { zip } from "./zip.js";

const AT_ONCE = 2; // pictures that the server is asked for at a time

/**
 * The ZIP of `entries`, `{ picture, name }`, in their order.
 *
 * `onStep({ done, count, bytes })` is called for each file that has come. Throws an `AbortError` once `signal` says so,
 * and what the server throws of any picture; what it made before is kept by the pictures.
 */
export async function archive(entries, format, { signal, onStep }) {
  const blobs = [];
  let [next, done, bytes] = [0, 0, 0];
  const work = async () => {
    while (next < entries.length) {
      const index = next++;
      blobs[index] = await entries[index].picture.result(format, signal);
      signal.throwIfAborted();
      bytes += blobs[index].size;
      onStep({ done: ++done, count: entries.length, bytes });
    }
  };
  onStep({ done, count: entries.length, bytes });
  const stop = (error) => {
    next = entries.length; // the others begin no more
    throw error;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, () => work().catch(stop)));
  return zip(blobs.map((blob, index) => ({ name: entries[index].name, blob })));
}
