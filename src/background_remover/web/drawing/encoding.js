/** Encodes canvases as files in a worker, so that the page isn't blocked and needn't wait for idle time. */

import { Calls } from "./calls.js";

const calls = new Calls(new URL("./encoder.js", import.meta.url));

/** A canvas as a PNG. */
export async function png(source) {
  const bitmap = await createImageBitmap(source);
  return calls.ask({ bitmap, type: "image/png" }, [bitmap]).catch((error) => {
    throw error.kind ? error : new Error(`the browser can't write this canvas: ${error.message}`);
  });
}
