/** Sizes of arrays, `{ height, width }`, and the rounding that Python has. */

/** A number rounded to the nearest whole one, halves to the even one. */
export function rounded(value) {
  const low = Math.floor(value);
  const above = value - low;
  return above > 0.5 || (above === 0.5 && low % 2 !== 0) ? low + 1 : low;
}

/** A size reduced, in its aspect ratio, so that neither side is above `longest`; a smaller one stays. */
export function within({ height, width }, longest) {
  const scale = Math.min(1, longest / Math.max(height, width));
  return { height: Math.max(1, rounded(height * scale)), width: Math.max(1, rounded(width * scale)) };
}

/** Whether two arrays have the same size. */
export function isSameSize(one, other) {
  return one.height === other.height && one.width === other.width;
}

/** An array of one channel, `{ data, height, width, channels }`, by default of zeros in float32. */
export function plane({ height, width }, data = new Float32Array(height * width)) {
  return { data, height, width, channels: 1 };
}

/** Where the numbers of an array of one channel are above a level: bytes, 1 or 0. Much faster than `where`. */
export function above({ data, height, width }, level) {
  const made = new Uint8Array(data.length);
  for (let at = 0; at < made.length; at += 1) made[at] = data[at] > level ? 1 : 0;
  return plane({ height, width }, made);
}

/** The same where they are below it. */
export function below({ data, height, width }, level) {
  const made = new Uint8Array(data.length);
  for (let at = 0; at < made.length; at += 1) made[at] = data[at] < level ? 1 : 0;
  return plane({ height, width }, made);
}

/** Where a test, of a number and of its place, holds of an array of one channel: bytes, 1 or 0. */
export function where({ data, height, width }, test) {
  const made = new Uint8Array(data.length);
  for (let at = 0; at < made.length; at += 1) made[at] = test(data[at], at) ? 1 : 0;
  return plane({ height, width }, made);
}
