/** Gradients on the page, as the server makes them (`compositing/gradient.py`). */

/** A gradient `{ start, end, angle }` for a frame of a canvas; without an angle it runs from the middle to the corners. */
export function gradientIn(context, { start, end, angle }, { x, y, width, height }) {
  const [middle, centre] = [x + width / 2, y + height / 2];
  const made = angle === null ? radial(context, middle, centre, width, height) : linear(context, middle, centre, width, height, angle);
  made.addColorStop(0, start);
  made.addColorStop(1, end);
  return made;
}

function radial(context, x, y, width, height) {
  return context.createRadialGradient(x, y, 0, x, y, Math.hypot(width, height) / 2);
}

function linear(context, x, y, width, height, angle) {
  const [right, up] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];
  const half = (Math.abs(width * right) + Math.abs(height * up)) / 2;
  return context.createLinearGradient(x - right * half, y + up * half, x + right * half, y - up * half);
}

/** The same gradient as CSS. */
export function cssOf({ start, end, angle }) {
  return angle === null ? `radial-gradient(farthest-corner, ${start}, ${end})` : `linear-gradient(${angle}deg, ${start}, ${end})`;
}
