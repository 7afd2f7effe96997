/** The scenes offered as backgrounds: pictures beside this page, each loaded when it is needed. */

import { decode } from "../drawing/canvas.js";
import { msg } from "../messages/language.js";
import { Failure } from "../service/service.js";

/** Names of files -> what the scenes are called, in the order of their small copies in `all.webp`. */
export const SCENES = {
  studio: msg("Studio"),
  wall: msg("Warm wall"),
  table: msg("Wooden table"),
  concrete: msg("Concrete"),
  paper: msg("Paper"),
  leaves: msg("Leaves"),
  sky: msg("Sky with clouds"),
  lights: msg("Night lights"),
};

/** The address of small copies of all scenes, side by side. */
export const SMALL_COPIES = new URL("../scenes/all.webp", import.meta.url).href;

const loaded = new Map(); // name -> { file, bitmap }
const loading = new Map(); // name -> the promise of that

/** A scene, `{ file, bitmap }`, if it is loaded, or null. */
export function sceneNamed(name) {
  return loaded.get(name) ?? null;
}

/** Loads a scene; throws `Failure` where the server can't be reached. */
export function loadScene(name) {
  if (!loading.has(name)) loading.set(name, load(name).finally(() => loading.delete(name)));
  return loading.get(name);
}

/** Loads what settings need of the server before a result can be asked for. */
export async function loadSceneOf({ background, scene }) {
  if (background === "scene" && !sceneNamed(scene)) await loadScene(scene);
}

async function load(name) {
  const answer = await fetch(new URL(`../scenes/${name}.webp`, import.meta.url)).catch(() => null);
  if (!answer?.ok) throw new Failure("away");
  const file = new File([await answer.blob()], `${name}.webp`, { type: "image/webp", lastModified: 0 });
  const { canvas: bitmap } = await decode(file);
  loaded.set(name, { file, bitmap });
}
