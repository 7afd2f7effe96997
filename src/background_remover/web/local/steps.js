/** The steps of the work on a picture: how long each takes, as measures of the browser's performance timeline, where its tools show them. */

let before = null; // what is waited for before each step

/** Begins anew: the measures of the picture before are dropped. */
export function clearSteps() {
  performance.clearMeasures();
}

/** Waits for what `look` returns before each step; what it throws ends the work. Null ends that. */
export function watchSteps(look) {
  before = look;
}

/** The result of `work`, once it is done, with its time measured under the step's name. */
export async function step(name, work) {
  if (before) await before();
  const start = performance.now();
  try {
    return await work();
  } finally {
    performance.measure(name, { start, end: performance.now() });
  }
}
