/** Work on many parts by all of the processor's cores: here and in a pool of workers, in memory that all of them see. */

const MOST = 3; // workers of the pool: the steps of one picture hardly gain by more
const CAN_SHARE = globalThis.crossOriginIsolated === true;

let pool = null;
let count = 0; // of all that was asked of them

/** Starts the pool, where memory can be shared; without it, or without more cores, all is worked out here. */
export function startPool() {
  const wanted = CAN_SHARE ? Math.min((navigator.hardwareConcurrency || 1) - 1, MOST) : 0;
  pool ??= Array.from({ length: wanted }, () => new PoolWorker());
}

/** Zeros of a type, in memory that the pool sees. */
export function shared(Type, length) {
  return CAN_SHARE ? new Type(new SharedArrayBuffer(length * Type.BYTES_PER_ELEMENT)) : new Type(length);
}

/** An array in memory that the pool sees: itself, or a copy. */
export function sharing(array) {
  return !CAN_SHARE || array.data.buffer instanceof SharedArrayBuffer ? array : { ...array, data: sharedCopy(array.data) };
}

/** A copy of numbers in memory that the pool sees. */
export function sharedCopy(numbers) {
  const made = shared(numbers.constructor, numbers.length);
  made.set(numbers);
  return made;
}

/**
 * Calls `work(given, parts)` here and in every worker of the pool, and resolves to all that they return, once all is done.
 *
 * Each of them iterates over `parts` that no other one has taken. `work` is a function that a module, whose address is
 * `module`, exports by its own name. What it writes has to be in shared memory, as all of `given` that isn't small.
 */
export async function spread(module, work, given, parts) {
  if (parts.length < 2 || !pool?.length) return [await work(given, parts)];
  const next = new Int32Array(new SharedArrayBuffer(4));
  const asked = pool.map((worker) => worker.ask({ module, name: work.name, given, parts, next }));
  try {
    asked.push(work(given, taken(parts, next)));
    return (await Promise.all(asked)).filter((one) => one !== ABSENT);
  } finally {
    Atomics.store(next, 0, parts.length); // where one has failed, nobody goes on
    await Promise.allSettled(asked);
  }
}

/** What `work(given)` returns; one of the pool works it out meanwhile, where there is one. Both are as those of `spread`. */
export async function elsewhere(module, work, given) {
  const found = await pool?.at(-1)?.ask({ module, name: work.name, given, parts: [] });
  return found === undefined || found === ABSENT ? work(given) : found;
}

/** The parts that nobody has taken, one at a time; `next` is the place of the first of them, in shared memory. */
export function* taken(parts, next) {
  for (let place; (place = Atomics.add(next, 0, 1)) < parts.length; ) yield parts[place];
}

const ABSENT = Symbol("a worker that couldn't be loaded");

/** A worker of the pool, which runs `pool-worker.js`. */
class PoolWorker {
  #worker = new Worker(new URL("./pool-worker.js", import.meta.url), { type: "module" });
  #asked = new Map(); // number -> { resolve, reject }

  constructor() {
    this.#worker.addEventListener("message", ({ data: { number, result, failure } }) => {
      const { resolve, reject } = this.#asked.get(number);
      this.#asked.delete(number);
      if (failure) reject(Object.assign(new Error(failure.message), failure));
      else resolve(result);
    });
    this.#worker.addEventListener("error", () => {
      pool = pool.filter((one) => one !== this);
      for (const { resolve } of this.#asked.values()) resolve(ABSENT); // what isn't loaded has taken no part
    });
  }

  /** What the work there returns. */
  ask(request) {
    return new Promise((resolve, reject) => {
      const number = count++;
      this.#asked.set(number, { resolve, reject });
      this.#worker.postMessage({ number, ...request });
    });
  }
}
