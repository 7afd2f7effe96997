/** The recently used colours, stored in the browser. */

import { remember, remembered } from "../storage/preference.js";

const KEY = "recent-colours";
const MOST = 6;

/** The colours chosen last, "#rrggbb", the latest first; none where the browser keeps nothing. */
export function recentColours() {
  try {
    const kept = JSON.parse(remembered(KEY)) ?? [];
    return kept.filter((colour) => /^#[0-9a-f]{6}$/.test(colour)).slice(0, MOST);
  } catch {
    return []; // something else is in it
  }
}

/** Notes that a colour was chosen. */
export function noteColour(colour) {
  const colours = [colour, ...recentColours().filter((other) => other !== colour)].slice(0, MOST);
  remember(KEY, JSON.stringify(colours));
}
