/** Results taken away: saved as a file, all in one ZIP, copied. */

import { zip } from "./zip.js";

const KEPT = 60_000; // milliseconds until a saved file's address is given up

/** Saves a picture's result. */
export async function save(picture, format) {
  offer(await picture.result(format), picture.target(format));
}

/** Saves the results of all pictures in one archive; `onStep(done)` counts. */
export async function saveAll(pictures, format, onStep) {
  const files = [];
  for (const picture of pictures) {
    onStep(files.length);
    files.push({ name: picture.target(format), blob: await picture.result(format) });
  }
  offer(await zip(files), "cutouts.zip");
}

/** Whether this browser lets the page copy a picture: only over https, or on the machine itself. */
export function canCopy() {
  return Boolean(globalThis.ClipboardItem && navigator.clipboard?.write);
}

/** Copies a picture's result as a PNG. */
export async function copy(picture) {
  const result = picture.result("png"); // not awaited: some browsers copy only within the click itself
  result.catch(() => {}); // it is thrown by what awaits it
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": result })]);
  } catch (error) {
    await result; // where that failed, its own error says more
    throw error;
  }
}

function offer(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT);
}
