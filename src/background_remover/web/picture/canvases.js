/** The canvases of painted pictures that aren't shown: where memory is needed they become files, the oldest first. */

import { decode } from "../drawing/canvas.js";
import { png } from "../drawing/encoding.js";

const held = new Set(); // pictures, the one that was shown last at the end

/** Notes that a picture isn't shown any more, and has a cutout that was painted on. */
export function hold(picture) {
  letGo(picture);
  if (picture.cutout) held.add(picture);
}

/** Forgets a picture that is shown, or gone. */
export function letGo(picture) {
  held.delete(picture);
}

/** The bytes of all these canvases. */
export function heldBytes() {
  return [...held].reduce((sum, picture) => sum + bytesOf(picture), 0);
}

/** Makes files of the oldest canvases that hold so many bytes together, or of all: the bytes of those. */
export function pack(bytes) {
  let freed = 0;
  for (const picture of held) {
    if (freed >= bytes) break;
    freed += bytesOf(picture);
    held.delete(picture);
    packOne(picture).catch(() => hold(picture)); // it is tried again when the next one comes
  }
  return freed;
}

async function packOne(picture) {
  const { cutout, version } = picture;
  const file = await png(cutout);
  if (picture.isShown || picture.cutout !== cutout || picture.version !== version) return;
  Object.assign(picture, { packed: { version, file }, cutout: null });
}

/** The painted cutout of a picture: its canvas, or a new one of its file. */
export async function cutoutOf(picture) {
  return picture.cutout ?? (await decode(picture.packed.file)).canvas;
}

/** The file of a painted cutout. */
export function fileOf(picture) {
  return picture.packed?.version === picture.version ? picture.packed.file : png(picture.cutout);
}

function bytesOf({ cutout }) {
  return cutout ? 4 * cutout.width * cutout.height : 0;
}
