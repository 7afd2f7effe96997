/** The stored form of a picture: a small record, and its large parts as files. */

import { decode } from "../drawing/canvas.js";
import { fileOf as fileOfCutout } from "../picture/canvases.js";
import { UNCHOSEN } from "../picture/choice.js";
import { Picture } from "../picture/picture.js";
import { DEFAULTS } from "../picture/settings.js";
import { loadSceneOf } from "../files/scenes.js";
import { backgroundOf } from "./backgrounds.js";
import * as database from "./database.js";
import { keptStep, reviveSteps, sourcesOfSteps } from "./steps.js";

/** The record of a picture at this place in the list, without its number and its bytes. */
export function recordOf(picture, place) {
  const { name, settings, accepted, cut, version, size, phase, wish } = picture;
  const isDone = phase === "done";
  const { confidence = null, isUnsure = false, ground = null } = cut ?? {};
  return {
    name,
    place,
    settings: { ...settings, picture: null },
    accepted,
    cut: isDone ? { confidence, isUnsure, ground } : null,
    isPainted: isDone && version > 0,
    version,
    steps: isDone ? Object.keys(sourcesOfSteps(picture)).filter((one) => one.startsWith("step-")) : [],
    size,
    wish,
  };
}

/**
 * The files of a picture, `{ file, cut, cutout, background }` and those of the steps that can be undone: what each is made of, a
 * value that is another when it changes.
 */
export function sourcesOf(picture) {
  const { file, cut, phase, version, settings } = picture;
  const isDone = phase === "done";
  return {
    file,
    cut: (isDone && cut.blob) || null,
    cutout: isDone && version ? version : null,
    background: settings.picture?.file ?? null,
    ...(isDone ? sourcesOfSteps(picture) : {}),
  };
}

/** The file that is made of a source. */
export function fileOf(name, source, picture) {
  if (name.startsWith("step-")) return keptStep(source);
  return name === "cutout" ? fileOfCutout(picture) : source;
}

/** A picture as it was kept; it may have to be cut out anew. */
export async function pictureOf(record) {
  const [file, cut, cutout, behind] = await Promise.all(
    ["file", "cut", "cutout", "background"].map((name) => database.file(record.id, name)),
  );
  await loadSceneOf(record.settings);
  const picture = behind ? await backgroundOf(behind) : null;
  const made = new Picture(file, Object.freeze({ ...DEFAULTS, ...record.settings, picture }));
  Object.assign(made, { name: record.name, wish: record.wish });
  if (!record.cut || !(cut || cutout)) return made;
  const painted = cutout ? (await decode(cutout)).canvas : null;
  const accepted = Object.freeze({ ...UNCHOSEN, ...record.accepted });
  await made.resume({ accepted, cut: { ...record.cut, blob: cut ?? null }, cutout: painted, size: record.size });
  await reviveSteps(made, record);
  return made;
}
