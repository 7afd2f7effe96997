/** Canvases as files, written by a worker: the page goes on, and no idle time is waited for. */

const worker = new Worker(new URL("./encoder.js", import.meta.url), { type: "module" });
const asked = new Map(); // number -> { resolve, reject }
let count = 0;

worker.addEventListener("message", ({ data: { number, blob, message } }) => {
  const { resolve, reject } = asked.get(number);
  asked.delete(number);
  if (blob) resolve(blob);
  else reject(new Error(`the browser can't write this canvas: ${message}`));
});

/** A canvas as a PNG. */
export function png(source) {
  return encoded(source, { type: "image/png" });
}

/**
 * A canvas as a lossy WebP of this quality in [0, 1]; as a PNG in a browser that writes no WebP. Without `alpha` it
 * is opaque, whatever rounding has left.
 */
export function webp(source, quality, alpha) {
  return encoded(source, { type: "image/webp", quality, alpha });
}

async function encoded(source, how) {
  const bitmap = await createImageBitmap(source);
  return new Promise((resolve, reject) => {
    const number = count++;
    asked.set(number, { resolve, reject });
    worker.postMessage({ number, bitmap, how }, [bitmap]);
  });
}
