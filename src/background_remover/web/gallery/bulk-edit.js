/** Bulk edits: settings of many pictures are changed at once, in one undo step, also in each picture's own history. */

import { msg } from "../messages/language.js";

/** The settings that are other in `after` than in `before`. */
export function difference(before, after) {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => value !== before[name]));
}

/** A bulk edit: all of several pictures take what was changed of the first one. */
export class BulkEdit {
  #begun = null; // picture -> settings, while a slider is pulled: what they began with

  /** Shows the first picture with these settings, and with the same difference the others. */
  preview([first, ...others], settings) {
    this.#begun ??= new Map([first, ...others].map((picture) => [picture, picture.settings]));
    const part = difference(this.#begun.get(first) ?? first.settings, settings);
    for (const picture of [first, ...others]) picture.preview(merged(this.#begun.get(picture) ?? picture.settings, part));
  }

  /** Gives the first picture these settings and the others what differs from before; returns the step. */
  set([first, ...others], settings) {
    const begun = this.#begun ?? new Map();
    this.#begun = null;
    const part = difference(begun.get(first) ?? first.settings, settings);
    return give([first, ...others], part, begun);
  }
}

/** Gives pictures a part of settings, or all; returns the step. `begun` are settings from before a preview. */
export function give(pictures, part, begun = new Map()) {
  const entries = pictures.map((picture) => {
    const before = begun.get(picture) ?? picture.settings;
    return { picture, before, step: picture.edits.set(merged(before, part), before) };
  });
  return {
    label: msg("settings"),
    undo: () => entries.forEach((entry) => takeBack(entry, part)),
    redo: () => entries.forEach((entry) => giveAgain(entry, part)),
  };
}

/** Takes a part of settings back: by the picture's own history, if nothing was done since, else as one more step. */
function takeBack({ picture, before, step }, part) {
  const { edits } = picture;
  if (!edits.finding && edits.history.last === step) return edits.undo();
  const old = Object.fromEntries(Object.keys(part).map((name) => [name, before[name]]));
  return edits.set(merged(picture.settings, old));
}

function giveAgain({ picture, step }, part) {
  const { edits } = picture;
  return edits.history.next === step ? edits.redo() : edits.set(merged(picture.settings, part));
}

function merged(settings, part) {
  return Object.freeze({ ...settings, ...part });
}
