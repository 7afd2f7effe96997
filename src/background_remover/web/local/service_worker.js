/**
 * The service worker of the static site: keeps all its files in the browser, whole or not at all, and takes what other apps
 * share with the installed page.
 *
 * `SITE`, which the command writes before this, is `{ version, policy, files: [{ file, bytes, sha256, isLate }] }`. Those
 * that are late are kept once they are asked for, all others at once. A page that asks for progress gets messages `{ bytes, all }` while they are loaded. Every answer is cross-origin isolated, so that
 * the network may use threads.
 */

const SCOPE = registration.scope;
const PREFIX = `background-remover ${SCOPE} `; // of the names of caches: other sites of this origin have their own
const CACHE = PREFIX + SITE.version;
const SHARE = `${SCOPE}share`; // to which the manifest's `share_target` sends photos, in the field "photo"
const FILES = new Map(SITE.files.map((entry) => [new URL(entry.file, SCOPE).href, entry]));
const HEADERS = {
  "Content-Security-Policy": `${SITE.policy}; frame-ancestors 'none'`,
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};
const TYPES = {
  css: "text/css",
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  json: "application/json",
  mjs: "text/javascript",
  svg: "image/svg+xml",
  wasm: "application/wasm",
  webmanifest: "application/manifest+json",
}; // some hosts name the wrong ones

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("message", ({ data }) => data === "claim" && clients.claim());
addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "POST" && url === SHARE) event.respondWith(share(event.request));
  if (method === "GET" && url.startsWith(SCOPE)) event.respondWith(answer(event.request));
});

/** Fills this version's cache. Where one file fails it is deleted, and the version before goes on. */
async function install() {
  const cache = await caches.open(CACHE);
  const files = [...FILES].filter(([, { isLate }]) => !isLate);
  const all = files.reduce((sum, [, entry]) => sum + entry.bytes, 0);
  let bytes = 0;
  const onBytes = (step) => say({ bytes: (bytes += step), all });
  const keep = async ([address, entry]) => cache.put(address, await load(address, entry, onBytes));
  try {
    await Promise.all(files.map(keep));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

/** Deletes the versions of before: no page of theirs is open any more. */
async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
}

/** A file from the host; throws where it isn't the one of this version, as while a newer one is put there. */
async function load(address, { file, bytes, sha256 }, onBytes = () => {}) {
  const given = await fetch(address, { cache: "no-cache" });
  if (!given.ok) throw new Error(`${file}: the host says ${given.status}`);
  const content = new Uint8Array(bytes);
  let length = 0;
  const reader = given.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (length + value.length > bytes) throw new Error(`${file}: more than its ${bytes} bytes`);
    content.set(value, length);
    length += value.length;
    onBytes(value.length);
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content.subarray(0, length)));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found !== sha256) throw new Error(`${file}: not the file of this version`);
  const type = TYPES[file.split(".").at(-1)] ?? given.headers.get("Content-Type") ?? "application/octet-stream";
  return new Response(content, { headers: { "Content-Type": type } });
}

/** The answer to a request: from the cache, where the page doesn't want to know of the host itself. */
async function answer(request) {
  const address = new URL(request.url);
  address.search = address.hash = "";
  if (address.href === SCOPE) address.pathname += "index.html";
  const entry = FILES.get(address.href);
  if (!entry || request.cache === "no-store") return isolated(await fetch(request));
  const cache = await caches.open(CACHE);
  const kept = request.cache === "reload" ? null : await cache.match(address.href);
  if (kept) return isolated(kept);
  const loaded = await load(address.href, entry);
  await cache.put(address.href, loaded.clone());
  return isolated(loaded);
}

/** The page with the photos in it that another app has sent, as a server answers; nothing of them is kept. */
async function share(request) {
  const form = await request.formData().catch(() => new FormData()); // of which there is the page alone
  const photos = form.getAll("photo").filter((one) => one instanceof File);
  const [page, ...holders] = await Promise.all([answer(new Request(SCOPE)), ...photos.map(holderOf)]);
  const [before, after] = (await page.text()).split("</body>");
  const body = new Blob([before, ...holders, "</body>", after]);
  return isolated(new Response(body, { headers: { "Content-Type": TYPES.html, "Cache-Control": "no-store" } }));
}

/** An element that shows nothing and holds a file, which `files/shared.js` takes. */
async function holderOf(photo) {
  const reader = new FileReader();
  await new Promise((resolve, reject) => {
    Object.assign(reader, { onload: resolve, onerror: () => reject(reader.error) });
    reader.readAsDataURL(photo);
  });
  const name = photo.name.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  return `<template class="shared" data-name="${name}">${reader.result.split(",")[1]}</template>`;
}

function isolated(given) {
  if (given.type === "opaqueredirect") return given;
  const headers = new Headers(given.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  return new Response(given.body, { status: given.status, statusText: given.statusText, headers });
}

async function say(progress) {
  for (const page of await clients.matchAll({ includeUncontrolled: true })) page.postMessage(progress);
}
