/** How long each step of the work takes, as measures of the browser's performance timeline, where its tools show them. */

/** Begins anew: the measures of the picture before are dropped. */
export function clearSteps() {
  performance.clearMeasures();
}

/** The result of `work`, once it is done, with its time measured under the step's name. */
export async function step(name, work) {
  const start = performance.now();
  try {
    return await work();
  } finally {
    performance.measure(name, { start, end: performance.now() });
  }
}
