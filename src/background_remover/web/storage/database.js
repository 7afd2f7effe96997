/** The browser's database of pictures: a small record of each, and its files, written only when they change. */

const NAME = "background-remover";
const VERSION = 1;
const RECORDS = "records"; // { id, ... }
const FILES = "files"; // "id/name" -> Blob

let opened = null;

/** All records. */
export async function records() {
  return done((await store(RECORDS, "readonly")).getAll());
}

/** Writes a record. */
export async function put(record) {
  await done((await store(RECORDS, "readwrite")).put(record));
}

/** Writes a file of a record. */
export async function putFile(id, name, blob) {
  await done((await store(FILES, "readwrite")).put(blob, `${id}/${name}`));
}

/** A file of a record; undefined where there is none. */
export async function file(id, name) {
  return done((await store(FILES, "readonly")).get(`${id}/${name}`));
}

/** Forgets a file of a record. */
export async function removeFile(id, name) {
  await done((await store(FILES, "readwrite")).delete(`${id}/${name}`));
}

/** Forgets a record and its files. */
export async function remove(id) {
  await done((await store(RECORDS, "readwrite")).delete(id));
  await done((await store(FILES, "readwrite")).delete(IDBKeyRange.bound(`${id}/`, `${id}/\uffff`)));
}

/** Forgets everything. */
export async function clear() {
  for (const name of [RECORDS, FILES]) await done((await store(name, "readwrite")).clear());
}

async function store(name, mode) {
  opened ??= open();
  return (await opened).transaction(name, mode).objectStore(name);
}

function open() {
  const request = indexedDB.open(NAME, VERSION);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(RECORDS, { keyPath: "id" });
    request.result.createObjectStore(FILES);
  };
  return done(request);
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
