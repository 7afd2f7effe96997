/** Removes the background of pictures in the browser, by a worker: nothing leaves it. */

import { Client } from "./local/client.js";
import { LocalFailure } from "./local/failure.js";
import { DEFAULTS } from "./local/parameters/options.js";
import { siteOf } from "./local/site.js";

const OWN = new URL("./", import.meta.url).href;
const clients = new Map(); // whether WebGPU is allowed and the address of the files -> the promise of a `Client`

/** Cuts the subject out of a picture; see `index.d.ts` for the options. */
export async function removeBackground(image, { files = OWN, webgpu = true, mask, background, signal, onProgress, ...choices } = {}) {
  const isFile = background instanceof Blob;
  const fields = fieldsOf({ format: "png", ...choices, ...(isFile || background === undefined ? {} : { background }) });
  const request = { image, mask, background: isFile ? background : null, fields, signal, onProgress };
  try {
    return (await (await clientOf(files, webgpu)).remove(request)).blob;
  } catch (error) {
    throw error.kind === "refused" ? new LocalFailure(error.kind, spelled(error.message, fields)) : error;
  }
}

/** Loads and opens the network before the first picture, and practises until it comes. */
export async function prepare({ files = OWN, webgpu = true } = {}) {
  await (await clientOf(files, webgpu)).prepare();
}

/** Ends the workers, which hold the network in memory; the next picture begins them anew. */
export async function release() {
  const all = [...clients.values()];
  clients.clear();
  for (const client of all) (await client.catch(() => null))?.close();
}

function clientOf(files, webgpu) {
  const base = new URL(files.endsWith("/") ? files : `${files}/`, globalThis.location?.href ?? OWN).href;
  const key = `${webgpu} ${base}`;
  if (!clients.has(key)) clients.set(key, begin(base, webgpu, key));
  return clients.get(key);
}

async function begin(base, webgpu, key) {
  try {
    const answer = await fetch(new URL("site.json", base));
    if (!answer.ok) throw new Error(`${base}site.json: the host says ${answer.status}; give the package's folder by files`);
    return new Client(await siteOf(await answer.json(), base, webgpu));
  } catch (error) {
    clients.delete(key);
    throw error;
  }
}

/** Options as the fields of a request: `shadowKind` is `shadow_kind`, and every value a text. */
function fieldsOf(options) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const named = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(given.map(([name, value]) => [named(name), `${value}`]));
}

/** A message with options named as they are here: `shadowKind` for `shadow_kind`. */
function spelled(message, fields) {
  const isOption = (word) => word in DEFAULTS || word in fields;
  const camel = (word) => word.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  return message.replace(/\w+/g, (word) => (isOption(word) ? camel(word) : word));
}
