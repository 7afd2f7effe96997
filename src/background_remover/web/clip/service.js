/** A video's job on the server: sends it, polls its progress, fetches the result, and deletes it there. */

import { Failure } from "../service/failure.js";
import { explained, failureOf, insist } from "../service/server.js";
import * as token from "../service/token.js";

const VIDEOS = new URL("../../video", import.meta.url);
const BETWEEN = 700; // milliseconds from one question to the next
const MISSED = 20; // questions without an answer, one after the other, after which the server is thought to be away

const jobs = new Set(); // addresses of those that the server has for this page

addEventListener("pagehide", () => [...jobs].forEach(remove));

/**
 * A video's cutout, `{ blob, notes, unsure, frames }`; `fields` are options by name. Calls `onProgress(stage, facts)` for
 * "sending" and "working" with `{ share }`, or with the job's state as the server says it, and for "receiving".
 * Throws `Failure`, or an `AbortError` once `signal` is aborted.
 */
export async function convert({ file, fields, signal, onProgress, onWait }) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.append("video", file, file.name);
  const job = await insist((key) => upload(body, key, file, signal, onProgress), { signal, onWait });
  const address = `${VIDEOS}/${job.id}`;
  jobs.add(address);
  try {
    const state = await finished(address, job, signal, onProgress);
    onProgress("receiving", state);
    const blob = await (await ask(`${address}/file`, signal)).blob();
    return { blob, notes: state.notes, unsure: state.unsure, frames: state.frames };
  } finally {
    remove(address);
  }
}

async function upload(body, key, file, signal, onProgress) {
  const request = await send(body, key, signal, onProgress).catch((error) => explained(error, file));
  if (request.status !== 202) throw await failureOf(request);
  return JSON.parse(await request.response.text());
}

function send(body, key, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch can't say how much is sent
    request.open("POST", VIDEOS);
    request.responseType = "blob";
    if (key) request.setRequestHeader("Authorization", `Bearer ${key}`);
    request.upload.onprogress = ({ loaded, total }) => onProgress("sending", { share: total ? loaded / total : 0 });
    request.onload = () => resolve(request);
    request.onerror = () => reject(new Failure("away"));
    request.onabort = () => reject(new DOMException("no longer wanted", "AbortError"));
    if (signal.aborted) return request.onabort();
    signal.addEventListener("abort", () => request.abort(), { once: true });
    onProgress("sending", { share: 0 });
    request.send(body);
  });
}

/** The last state of a job, once it is done. */
async function finished(address, job, signal, onProgress) {
  let state = job;
  let missed = 0;
  while (state.state !== "done") {
    if (state.error) throw Object.assign(new Failure("refused", state.error.message), { code: state.error.code });
    onProgress("working", state);
    await pause(signal);
    try {
      state = await (await ask(address, signal)).json();
      missed = 0;
    } catch (failure) {
      if (failure.kind !== "away" || ++missed > MISSED) throw failure;
    }
  }
  return state;
}

/** The answer to a question about a job. */
function ask(address, signal) {
  return insist(
    async (key) => {
      const headers = key ? { Authorization: `Bearer ${key}` } : {};
      const answer = await fetch(address, { headers, signal, cache: "no-store" }).catch((error) => {
        throw error.name === "AbortError" ? error : new Failure("away");
      });
      if (answer.ok) return answer;
      const getResponseHeader = (name) => answer.headers.get(name);
      throw await failureOf({ status: answer.status, response: await answer.blob(), getResponseHeader });
    },
    { signal },
  );
}

/** Has the server forget a job, as well as the page can: it does so by itself after a while. */
function remove(address) {
  jobs.delete(address);
  const key = token.current();
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  fetch(address, { method: "DELETE", headers, keepalive: true }).catch(() => {});
}

async function pause(signal) {
  await new Promise((resolve) => setTimeout(resolve, BETWEEN));
  signal.throwIfAborted();
}
