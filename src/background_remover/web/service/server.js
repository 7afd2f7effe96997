/** Requests to the server: a picture in, its cutout out. Every error is a `Failure`. */

import { Failure } from "./failure.js";
import * as token from "./token.js";

const REMOVE = new URL("../../remove", import.meta.url);
const HEALTH = new URL("../../health", import.meta.url);
const TRIES = 8; // of a request that a busy server refuses
const LONGEST_WAIT = 60; // seconds
const LONGEST_WORK = 180_000; // milliseconds from the first byte sent to the last one received

const KINDS = { 401: "token", 408: "slow", 413: "large", 429: "busy", 502: "away", 503: "busy", 504: "slow" };

/** The server's answer to one request, see `remove` of `service.js`. */
export async function remove({ image, mask, background, fields, signal, tries = TRIES, ...listeners }) {
  const { onProgress = () => {}, onWait } = listeners;
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  if (mask) body.append("mask", mask, "mask.png");
  if (background) body.append("background", background, background.name);
  body.append("image", image, image.name);
  return insist((key) => once(body, key, image, signal, onProgress), { signal, tries, onWait });
}

/**
 * What `send(key)` gives, a request with the token that somebody gave: again where another one is wanted, and up to `tries`
 * times where the server is busy.
 */
export async function insist(send, { signal, tries = TRIES, onWait = () => {} }) {
  let refusals = 0;
  for (;;) {
    const key = token.current();
    try {
      return await send(key);
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      if (failure.kind === "token") {
        const isNew = token.current() !== key; // another picture has asked in the meantime
        if (!isNew && !(await token.ask(Boolean(key)))) throw failure;
      } else if (failure.kind === "busy" && ++refusals < tries) {
        await pause(failure.wait, signal, onWait);
      } else {
        throw failure;
      }
    }
  }
}

async function once(body, key, image, signal, onProgress) {
  const request = await send(body, key, signal, onProgress).catch((error) => explained(error, image));
  if (request.status === 200 && request.response.type.startsWith("image/")) {
    const confidence = request.getResponseHeader("X-Confidence");
    const isUnsure = request.getResponseHeader("X-Unsure") === "true";
    const ground = request.getResponseHeader("X-Ground");
    return { blob: request.response, confidence: confidence === null ? null : Number(confidence), isUnsure, ground };
  }
  throw await failureOf(request);
}

function send(body, key, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch can't say how much of a picture is sent
    request.open("POST", REMOVE);
    request.responseType = "blob";
    request.timeout = LONGEST_WORK;
    if (key) request.setRequestHeader("Authorization", `Bearer ${key}`);
    request.upload.onprogress = (event) => onProgress("sending", event.lengthComputable ? event.loaded / event.total : 0);
    request.upload.onload = () => onProgress("cutting", 1);
    request.onprogress = (event) => onProgress("receiving", event.lengthComputable ? event.loaded / event.total : 0);
    request.onload = () => resolve(request);
    request.onerror = () => reject(new Failure("away"));
    request.ontimeout = () => reject(new Failure("slow"));
    request.onabort = () => reject(new DOMException("no longer wanted", "AbortError"));
    if (signal?.aborted) return request.onabort();
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    onProgress("sending", 0);
    request.send(body);
  });
}

/** Throws what a broken connection means: a file that is gone, a picture the server cut short, or no server. */
export async function explained(error, image) {
  if (error instanceof Failure && error.kind === "away") {
    const there = await image.slice(0, 1).arrayBuffer().then(() => true, () => false);
    if (!there) throw new Failure("gone");
    const alive = await fetch(HEALTH, { cache: "no-store" }).then(() => true, () => false);
    if (alive) throw new Failure("broken-off");
  }
  throw error;
}

/** The `Failure` of a request that was answered by an error; `request` is an `XMLHttpRequest` for a blob. */
export async function failureOf(request) {
  const text = await request.response.text();
  let error = {};
  try {
    error = JSON.parse(text).error ?? {};
  } catch {
    // A proxy's page of HTML, say: its status is all that is known.
  }
  const message = typeof error.message === "string" ? error.message : "";
  if (error.code === "no_subject") return new Failure("empty", message);
  const kind = KINDS[request.status] ?? (request.status < 500 ? "refused" : "broken");
  const wait = secondsOf(request.getResponseHeader("Retry-After"));
  return Object.assign(new Failure(kind, message, wait), { code: error.code });
}

/** The seconds that `Retry-After` says, as a number or as a date (RFC 9110, 10.2.3). */
function secondsOf(text) {
  const seconds = text === null ? NaN : Number(text);
  const until = Number.isNaN(seconds) ? (Date.parse(text ?? "") - Date.now()) / 1000 : seconds;
  return Math.min(Math.max(Number.isNaN(until) ? 2 : until, 0.5), LONGEST_WAIT);
}

async function pause(seconds, signal, onWait) {
  const end = performance.now() + seconds * 1000;
  for (let left = seconds; left > 0; left = (end - performance.now()) / 1000) {
    if (signal?.aborted) throw new DOMException("no longer wanted", "AbortError");
    onWait(Math.ceil(left));
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, 1) * 1000));
  }
}
