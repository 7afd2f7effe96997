/** The user's own background pictures, the last of which are stored in the browser. */

import { decode, within } from "../drawing/canvas.js";
import * as database from "./database.js";
import { keepsPictures } from "./preference.js";

const LARGEST = 2048; // longer side of what is drawn of one
const MOST_BYTES = 30 * 2 ** 20; // of a file that is kept
const [PLACE, NAME] = ["own", "backgrounds"]; // in the database

/** A background, `{ file, bitmap }`, of a file; throws where the browser can't read it. */
export async function backgroundOf(file) {
  return { file, bitmap: within((await decode(file)).canvas, LARGEST) };
}

/** The files of the last backgrounds, the latest first. */
export async function keptBackgrounds() {
  if (!keepsPictures()) return [];
  return (await database.file(PLACE, NAME).catch(() => null)) ?? [];
}

/** Keeps the files of the last backgrounds, where that is wanted and the browser lets it. */
export async function keepBackgrounds(files) {
  if (!keepsPictures()) return;
  const small = files.filter((file) => file.size <= MOST_BYTES);
  await database.putFile(PLACE, NAME, small).catch(() => {}); // they are offered until the page is closed
}

/** Whether two files are the same one, as far as can be told without reading them. */
export function isSame(one, other) {
  return one?.name === other?.name && one?.size === other?.size && one?.lastModified === other?.lastModified;
}
