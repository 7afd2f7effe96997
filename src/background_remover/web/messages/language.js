/** The language of the page: texts are written in English, and looked up in the table of the chosen language. */

import { remember, remembered } from "../storage/preference.js";
import { collect } from "./document.js";

const TABLES = {
  de: () => import("./german.js"),
  en: async () => ({ default: {} }),
  es: () => import("./spanish.js"),
  fr: () => import("./french.js"),
}; // of each language, `{ English text: translation }`, loaded when it is wanted
const KEPT = "language"; // in the browser's storage, where somebody has chosen one
const texts = collect(document.documentElement); // of index.html, before anything has changed them

let language = "";
let table = {};
const listeners = [];

await use(wanted());

/** A text in the language of the page, with values for its `{name}`s; numbers are written as is usual there. */
export function tr(text, values = {}) {
  const written = table[text] ?? text;
  return written.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? shown(values[name]) : whole));
}

/** The same text: marks one that `tr` or `translate` get elsewhere, for the test that looks for texts without translation. */
export function msg(text) {
  return text;
}

/** Shows the English texts and labels in an element, which JavaScript has built, in the language of the page from now on. */
export function translate(root) {
  const found = collect(root);
  texts.push(...found);
  for (const { text, show } of found) show(tr(text));
}

/** A number as is usual in the language of the page; `options` are those of `Intl.NumberFormat`. */
export function number(value, options = {}) {
  return new Intl.NumberFormat(language, options).format(value);
}

/** A share in [0, 1] in per cent, without decimals. */
export function percent(share) {
  return number(share, { style: "percent" });
}

/** Texts as one: "a, b and c". */
export function list(texts) {
  return new Intl.ListFormat(language).format(texts);
}

/** The size of a file of so many bytes. */
export function fileSize(bytes) {
  const [unit, size] = bytes < 1e6 ? ["kilobyte", 1e3] : ["megabyte", 1e6];
  return number(bytes / size, { style: "unit", unit, maximumSignificantDigits: 3 });
}

/** Lets `select` show and change the language; a change is kept in the browser. */
export function listen(select) {
  select.value = language;
  select.addEventListener("change", async () => {
    remember(KEPT, select.value);
    await use(select.value);
    for (const run of listeners) run();
  });
}

/** Calls `run()` after each change of the language, to show anew what JavaScript has written. */
export function whenChanged(run) {
  listeners.push(run);
}

/** Shows the page in a language; in English where its table can't be loaded. */
async function use(name) {
  const loaded = await TABLES[name]().catch(() => null);
  table = loaded?.default ?? {};
  language = loaded ? name : "en";
  document.documentElement.lang = language;
  for (const { text, show } of texts) show(tr(text));
}

/** The language that was chosen, else the first one of the browser's that there is a table of, else English. */
function wanted() {
  const asked = [remembered(KEPT) ?? "", ...navigator.languages].map((name) => name.toLowerCase().split("-")[0]);
  return asked.find((name) => Object.hasOwn(TABLES, name)) ?? "en";
}

function shown(value) {
  return typeof value === "number" ? number(value) : value;
}
