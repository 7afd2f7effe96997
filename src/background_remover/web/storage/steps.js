/** The stored undo steps: each is a file, with its canvases as PNG. */

import { decode } from "../drawing/canvas.js";
import { png } from "../drawing/encoding.js";
import { nextMask } from "../picture/strokes.js";
import { backgroundOf } from "./backgrounds.js";
import * as database from "./database.js";

const MOST = 20; // steps of a picture
const LARGEST = 64 * 2 ** 20; // bytes that the canvases of them may hold

const names = new WeakMap(); // step, or file of a background -> its name
const sources = new WeakMap(); // step -> the last source, `{ step, states }`

/** What is kept of a picture's last steps, `{ name: source }`, and of the own backgrounds in their settings. */
export function sourcesOfSteps({ edits }) {
  const found = {};
  for (const step of lastOf(edits.history.done)) {
    for (const file of backgroundsOf(step)) found[nameOf(file, "background")] = file;
    found[nameOf(step, "step")] = sourceOf(step);
  }
  return found;
}

/** A step as it is kept, with the `size` of its files in bytes. */
export async function keptStep({ step: { kind, label, held } }) {
  if (kind === "settings") return { kind, label, before: plain(held.before), after: plain(held.after), size: 0 };
  const isStroke = kind === "stroke";
  const [before, after] = await Promise.all([held.before, held.after].map((one) => (isStroke ? png(one) : keptState(one))));
  if (isStroke) return { kind, label, before, after, box: held.box, from: held.from, to: held.to, size: before.size + after.size };
  return { kind, label, before, after, size: bytesOf(before) + bytesOf(after) };
}

/** Gives a picture the steps of its record again. */
export async function reviveSteps(picture, { id, steps = [], version = 0 }) {
  const masks = new Map([[0, 0], [version, picture.version]]);
  const numbered = (number) => masks.get(number) ?? masks.set(number, nextMask()).get(number);
  const backgrounds = new Map();
  const made = [];
  for (const name of steps) {
    try {
      const kept = await database.file(id, name);
      const step = picture.edits.stepOf(kept.kind, kept.label, await heldOf(kept, id, numbered, backgrounds));
      names.set(step, name);
      made.push(step);
    } catch {
      made.length = 0; // what was done before it can't be reached any more
    }
  }
  picture.edits.history.resume(made);
}

async function heldOf(kept, id, numbered, backgrounds) {
  if (kept.kind === "settings") {
    const [before, after] = [await settingsOf(kept.before, id, backgrounds), await settingsOf(kept.after, id, backgrounds)];
    return { before, after };
  }
  if (kept.kind === "choice") return { before: await stateOf(kept.before, numbered), after: await stateOf(kept.after, numbered) };
  const [before, after] = await Promise.all([decode(kept.before), decode(kept.after)]);
  const [from, to] = [numbered(kept.from), numbered(kept.to)];
  return { box: kept.box, before: before.canvas, after: after.canvas, from, to, isRefined: true };
}

/** Settings, whose own background is a name, as they were. */
async function settingsOf(settings, id, backgrounds) {
  const { picture: name } = settings;
  if (name && !backgrounds.has(name)) {
    const file = await database.file(id, name);
    names.set(file, name);
    backgrounds.set(name, await backgroundOf(file));
  }
  return Object.freeze({ ...settings, picture: name ? backgrounds.get(name) : null });
}

async function stateOf({ accepted, cut, cutout, version }, numbered) {
  const painted = cutout ? (await decode(cutout)).canvas : null;
  return { accepted: Object.freeze(accepted), cut, cutout: painted, version: numbered(version) };
}

/** A picture's state with the cutout as a file where it was painted on; else the server's answer has it. */
async function keptState({ accepted, cut, cutout, version }) {
  return { accepted, cut, cutout: version ? await png(cutout) : null, version };
}

function plain(settings) {
  return { ...settings, picture: settings.picture && nameOf(settings.picture.file, "background") };
}

function backgroundsOf({ kind, held }) {
  return kind === "settings" ? [held.before, held.after].flatMap(({ picture }) => picture?.file ?? []) : [];
}

/** The last of these steps, as many as are kept. */
function lastOf(steps) {
  let bytes = 0;
  const kept = steps.slice(-MOST).reverse();
  const first = kept.findIndex((step) => (bytes += step.bytes ?? 0) > LARGEST);
  return (first < 0 ? kept : kept.slice(0, first)).reverse();
}

/** What a step is made of: another object once it holds other states. */
function sourceOf(step) {
  const states = [step.held.before, step.held.after];
  const last = sources.get(step);
  if (last?.states.every((state, index) => state === states[index])) return last;
  const made = { step, states };
  sources.set(step, made);
  return made;
}

function nameOf(thing, kind) {
  if (!names.has(thing)) names.set(thing, `${kind}-${Date.now()}-${Math.random()}`);
  return names.get(thing);
}

function bytesOf({ cut, cutout }) {
  return (cut.blob?.size ?? 0) + (cutout?.size ?? 0);
}
