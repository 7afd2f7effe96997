/** Keeps the files of the static site in the browser, by its service worker: it works without a network from then on. */

import { rememberedInTab, rememberInTab } from "../storage/preference.js";

const WORKER = new URL("../../sw.js", import.meta.url);
const RELOADED = "isolated"; // in the tab's storage: it was loaded anew for the sake of threads

/**
 * Loads all files, unless they are kept already: whether they are. `onProgress(share)` is called on the way. Without
 * service workers, as by http from another machine, they are loaded each time.
 */
export async function keepFiles(onProgress = () => {}) {
  const workers = serviceWorkers();
  if (!workers) return false;
  const registering = workers.register(WORKER, { updateViaCache: "none" });
  if (workers.controller) {
    registering.catch(() => {}); // there is no newer version to be had
    return true;
  }
  const follow = ({ data: { bytes, all } }) => onProgress(bytes / all);
  workers.addEventListener("message", follow);
  try {
    const registration = await registering;
    await installed(registration.active ?? registration.installing ?? registration.waiting);
    await controlled(registration.active);
    return true;
  } catch {
    return false;
  } finally {
    workers.removeEventListener("message", follow);
  }
}

/**
 * Loads the page once more where it is kept but not isolated, as on the first visit: only then the network may use
 * threads. Not where somebody has begun, for that would be lost. Whether it is loaded.
 */
export function loadIsolated(hasBegun) {
  const isActive = navigator.userActivation?.hasBeenActive ?? true;
  if (crossOriginIsolated || isActive || hasBegun || rememberedInTab(RELOADED)) return false;
  if (!rememberInTab(RELOADED, "yes")) return false; // or it would be loaded again and again
  location.reload();
  return true;
}

/** The browser's service workers, or null where it has none for this page, or forbids them. */
function serviceWorkers() {
  try {
    return navigator.serviceWorker ?? null;
  } catch {
    return null;
  }
}

function installed(worker) {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (worker.state === "activated") resolve();
      if (worker.state === "redundant") reject(new Error("not all files could be loaded"));
    };
    worker.addEventListener("statechange", look);
    look();
  });
}

/** Waits until the service worker answers this page's requests; it doesn't by itself after a forced reload. */
function controlled(worker) {
  const workers = navigator.serviceWorker;
  if (workers.controller) return null;
  return new Promise((resolve) => {
    workers.addEventListener("controllerchange", resolve, { once: true });
    worker.postMessage("claim");
  });
}
