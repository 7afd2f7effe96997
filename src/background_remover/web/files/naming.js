/** The names of saved files, made of a pattern such as "{name}-cutout". */

import { tr } from "../messages/language.js";

export const PATTERN = "{name}-cutout";
const KNOWN = ["name", "number"];
const FORBIDDEN = /[\\/:*?"<>|\u0000-\u001f]/; // in names of files on one system or another
const PLACE = /\{([^{}]*)\}/g;

/** What is wrong with a pattern, in words; "" where nothing is. */
export function faultOf(pattern) {
  if (!pattern.trim()) return tr("A name is needed.");
  const unknown = [...pattern.matchAll(PLACE)].find(([, name]) => !KNOWN.includes(name));
  if (unknown) return tr("{unknown} is not known: {name} and {number} are.", { unknown: unknown[0] });
  const [forbidden] = FORBIDDEN.exec(pattern) ?? /[{}]/.exec(pattern.replace(PLACE, "")) ?? [];
  return forbidden ? tr("A name can't hold {sign}", { sign: forbidden }) : "";
}

/**
 * The name of a picture's file: `name` is that of its original, `index` its place among `count`, from 0.
 *
 * Numbers begin at 1 and have as many digits as the last one.
 */
export function nameOf(pattern, format, { name, index, count }) {
  const values = { name: name.replace(/\.[^.]*$/, ""), number: String(index + 1).padStart(String(count).length, "0") };
  return `${pattern.replace(PLACE, (_, place) => values[place]).trim()}.${format}`;
}
