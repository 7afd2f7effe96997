/** Reconnection: a server (or a static page's host) that can't be reached is polled; failed work continues once it answers. */

import { FACTS, facts } from "./facts.js";

const HEALTH = new URL("../../health", import.meta.url);
const SOONEST = 1000; // milliseconds until it is asked first
const LATEST = 15_000; // and at most between two questions
const SLOWER = 1.5; // times the last pause, each time that it doesn't answer

const waiting = new Set();
let pause = SOONEST;
let timer = 0;

/** Calls `run()` once the server answers and its network is loaded; the same function is called once. */
export function whenReconnected(run) {
  waiting.add(run);
  if (!timer) later(SOONEST);
}

addEventListener("online", () => waiting.size && later(0));

function later(milliseconds) {
  clearTimeout(timer);
  pause = Math.max(milliseconds, SOONEST);
  timer = setTimeout(ask, milliseconds);
}

async function ask() {
  const address = (await facts())?.static ? FACTS : HEALTH;
  const isBack = await fetch(address, { cache: "no-store" }).then((answer) => answer.ok, () => false);
  if (!isBack) return later(Math.min(pause * SLOWER, LATEST));
  timer = 0;
  const all = [...waiting];
  waiting.clear();
  for (const run of all) run();
}
