/** What is kept of a picture: a record without its large parts, and those as files. */

import { decode, within } from "../drawing/canvas.js";
import { png } from "../drawing/encoding.js";
import { UNCHOSEN } from "../picture/choice.js";
import { Picture } from "../picture/picture.js";
import { DEFAULTS } from "../picture/settings.js";
import { loadSceneOf } from "../files/scenes.js";
import * as database from "./database.js";

const LARGEST_BACKGROUND = 2048; // longer side of what is drawn of a picture behind

/** The record of a picture at this place in the list, without its number and its bytes. */
export function recordOf({ name, settings, accepted, cut, version, size, phase, wish }, place) {
  const isDone = phase === "done";
  const { confidence = null, isUnsure = false, ground = null } = cut ?? {};
  return {
    name,
    place,
    settings: { ...settings, picture: null },
    accepted,
    cut: isDone ? { confidence, isUnsure, ground } : null,
    isPainted: isDone && version > 0,
    size,
    wish,
  };
}

/** The files of a picture, `{ file, cut, cutout, background }`: what each is made of, a value that is another when it changes. */
export function sourcesOf({ file, cut, phase, version, settings }) {
  const isDone = phase === "done";
  return {
    file,
    cut: (isDone && !version && cut.blob) || null,
    cutout: isDone && version ? version : null,
    background: settings.picture?.file ?? null,
  };
}

/** The file that is made of a source. */
export function fileOf(name, source, picture) {
  return name === "cutout" ? png(picture.cutout) : source;
}

/** A picture as it was kept; it may have to be cut out anew. */
export async function pictureOf(record) {
  const [file, cut, cutout, behind] = await Promise.all(
    ["file", "cut", "cutout", "background"].map((name) => database.file(record.id, name)),
  );
  await loadSceneOf(record.settings);
  const picture = behind ? { file: behind, bitmap: within((await decode(behind)).canvas, LARGEST_BACKGROUND) } : null;
  const made = new Picture(file, Object.freeze({ ...DEFAULTS, ...record.settings, picture }));
  Object.assign(made, { name: record.name, wish: record.wish });
  if (!record.cut || !(cut || cutout)) return made;
  const painted = cutout ? (await decode(cutout)).canvas : null;
  const accepted = Object.freeze({ ...UNCHOSEN, ...record.accepted });
  await made.resume({ accepted, cut: { ...record.cut, blob: cut ?? null }, cutout: painted, size: record.size });
  return made;
}
