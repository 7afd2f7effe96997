/** Stores pictures in this browser, and restores them when the page is opened again. */

import * as database from "./database.js";
import { keepsPictures, setKeeping } from "./preference.js";
import { fileOf, pictureOf, recordOf, sourcesOf } from "./record.js";
import { others, session } from "./sessions.js";

const DELAY = 800; // milliseconds that a picture stays as it is before it is written
const LARGEST = 400 * 2 ** 20; // bytes of all that is kept; the oldest goes first

/** Keeps the pictures of a collection; `onFail()` is called where this browser doesn't let it. */
export class Keeper {
  isOn = keepsPictures();
  #collection;
  #kept = new Map(); // picture -> { id, sources, sizes } as they were written last
  #timers = new Map(); // picture -> the timer of its next writing
  #left = new WeakSet(); // pictures that are not to be kept
  #writing = Promise.resolve();
  #onFail;

  constructor(collection, onFail) {
    this.#collection = collection;
    this.#onFail = onFail;
    collection.addEventListener("change", () => this.#follow());
  }

  /** The records of pictures from before that no other tab has open, in their order. */
  async found() {
    if (!this.isOn) return [];
    const all = await database.records().catch(() => []);
    const open = await others();
    const before = all.filter((record) => record.session !== session && !open.has(record.session));
    return before.sort((one, other) => one.session.localeCompare(other.session) || one.place - other.place);
  }

  /** The pictures of these records; those that can't be read any more are left out. */
  async bringBack(records) {
    const pictures = [];
    for (const record of records) {
      const picture = await pictureOf(record).catch(() => null);
      if (picture) {
        this.#kept.set(picture, { id: record.id, sources: sourcesOf(picture), sizes: record.sizes });
        pictures.push(picture);
      }
    }
    return pictures;
  }

  /** Forgets records. */
  forget(records) {
    return this.#next(async () => {
      for (const { id } of records) await database.remove(id);
    });
  }

  /** Forgets everything; the pictures of now are no longer kept. */
  forgetAll() {
    for (const picture of this.#collection.all) this.#left.add(picture);
    this.#kept.clear();
    return this.#next(() => database.clear());
  }

  /** Keeps pictures from now on, or no longer; in that case it forgets those that are kept. */
  turn(isOn) {
    this.isOn = isOn;
    setKeeping(isOn);
    if (!isOn) return this.forgetAll();
    for (const picture of this.#collection.all) {
      this.#left.delete(picture);
      this.#note(picture);
    }
    return this.#writing;
  }

  /** Whether a picture is kept as it is now. */
  isKept(picture) {
    const kept = this.#kept.get(picture);
    return Boolean(kept) && !this.#timers.has(picture) && kept.sources.cutout === sourcesOf(picture).cutout;
  }

  #follow() {
    const there = new Set(this.#collection.all);
    for (const [picture, { id }] of this.#kept) {
      if (there.has(picture)) continue;
      this.#kept.delete(picture);
      this.#next(() => database.remove(id));
    }
    for (const picture of there) {
      picture.addEventListener("change", this.#onChange); // the same function is added once
      this.#note(picture);
    }
  }

  #onChange = ({ target }) => this.#note(target);

  #note(picture) {
    if (!this.isOn || this.#left.has(picture)) return;
    clearTimeout(this.#timers.get(picture));
    this.#timers.set(picture, setTimeout(() => this.#next(() => this.#write(picture)), DELAY));
  }

  /** Does one thing after the other; where one fails, no more is kept. */
  #next(work) {
    this.#writing = this.#writing.then(work).catch(() => {
      this.isOn = false;
      this.#onFail();
    });
    return this.#writing;
  }

  async #write(picture) {
    this.#timers.delete(picture);
    if (!this.isOn || this.#left.has(picture) || !this.#collection.all.includes(picture) || picture.failure) return;
    const sources = sourcesOf(picture);
    const last = this.#kept.get(picture) ?? { id: `${session}-${Math.random()}`, sources: {}, sizes: {} };
    const sizes = {};
    const files = {};
    for (const [name, source] of Object.entries(sources)) {
      if (source === last.sources[name]) sizes[name] = last.sizes[name];
      else files[name] = source && (await fileOf(name, source, picture));
      sizes[name] ??= files[name]?.size ?? 0;
    }
    if (!(await this.#fit(last.id, sum(sizes)))) return;
    for (const [name, file] of Object.entries(files)) await database.putFile(last.id, name, file ?? undefined);
    const gone = Object.keys(last.sources).filter((name) => !(name in sources));
    for (const name of gone) await database.removeFile(last.id, name);
    const place = this.#collection.all.indexOf(picture);
    await database.put({ ...recordOf(picture, place), id: last.id, session, sizes, at: Date.now() });
    this.#kept.set(picture, { id: last.id, sources, sizes });
  }

  /** Forgets the oldest pictures until so many bytes fit beside the others: whether they do. */
  async #fit(id, bytes) {
    const all = (await database.records()).filter((record) => record.id !== id).sort((one, other) => one.at - other.at);
    let total = bytes + all.reduce((so, { sizes }) => so + sum(sizes), 0);
    while (total > LARGEST && all.length) {
      const oldest = all.shift();
      total -= sum(oldest.sizes);
      await database.remove(oldest.id);
    }
    return total <= LARGEST;
  }
}

function sum(sizes) {
  return Object.values(sizes).reduce((so, one) => so + one, 0);
}
