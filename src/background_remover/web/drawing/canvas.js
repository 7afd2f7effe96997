/** Canvases: how they are made, copied, reduced, decoded, and examined for transparency. */

export const LARGEST = 16_777_216; // pixels: more than this some browsers give no canvas for
const VISIBLE = 26; // an alpha of 0.1, as the server counts it
const LINES = 64; // of pixels that are read at once
const PASSES = 3; // box filters that make a Gaussian

/** An empty canvas; in a worker it is one that the page can't show. */
export function canvas(width, height) {
  const sides = [width, height].map((side) => Math.max(1, Math.round(side)));
  if (!globalThis.document) return new OffscreenCanvas(...sides);
  const made = document.createElement("canvas");
  [made.width, made.height] = sides;
  return made;
}

/** A canvas of what is in `source`, by default at its own size. */
export function copy(source, width = source.width, height = source.height) {
  const made = canvas(width, height);
  const context = made.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, made.width, made.height);
  return made;
}

/** A part of a canvas, `{ x, y, width, height }`, as a canvas of its own. */
export function part(source, { x, y, width, height }) {
  const made = canvas(width, height);
  made.getContext("2d").drawImage(source, -x, -y);
  return made;
}

/** The same as a bitmap, which can be handed over to a worker; at once, where `createImageBitmap` waits its turn. */
export function bitmapOf(source, { x, y, width, height }) {
  const made = new OffscreenCanvas(width, height);
  made.getContext("2d").drawImage(source, -x, -y);
  return made.transferToImageBitmap();
}

/** `source` no larger than so many pixels on its longer side; itself where it isn't. */
export function within(source, longest) {
  const factor = longest / Math.max(source.width, source.height);
  return factor < 1 ? copy(source, source.width * factor, source.height * factor) : source;
}

/** Draws anew what is in `box` of a canvas on reduced copies of it, each of the one before, which is larger. */
export function patch(copies, source, box) {
  copies.reduce((from, reduced) => patchOne(reduced, from, box, source), source);
}

function patchOne(reduced, source, box, whole) {
  if (reduced === source) return reduced;
  const [right, down] = [reduced.width / whole.width, reduced.height / whole.height];
  const [x, y] = [Math.floor(box.x * right), Math.floor(box.y * down)];
  const width = Math.ceil((box.x + box.width) * right) - x;
  const height = Math.ceil((box.y + box.height) * down) - y;
  const [along, up] = [source.width / reduced.width, source.height / reduced.height];
  const context = reduced.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.clearRect(x, y, width, height);
  context.drawImage(source, x * along, y * up, width * along, height * up, x, y, width, height);
  return reduced;
}

/** The picture in a file, upright, as a canvas of at most `LARGEST` pixels; throws where the browser can't read it. */
export async function decode(blob) {
  const bitmap = await createImageBitmap(blob);
  const factor = Math.min(1, Math.sqrt(LARGEST / (bitmap.width * bitmap.height)));
  const made = copy(bitmap, Math.floor(bitmap.width * factor), Math.floor(bitmap.height * factor));
  const size = { width: bitmap.width, height: bitmap.height };
  bitmap.close();
  return { canvas: made, size };
}

/** Whether any pixel is not quite opaque, looked for at a reduced size. */
export function hasTransparency(source) {
  const small = within(source, 512);
  const { data } = small.getContext("2d").getImageData(0, 0, small.width, small.height);
  for (let at = 3; at < data.length; at += 4) if (data[at] < 255) return true;
  return false;
}

/** The smallest box around what can be seen; all of the canvas where nothing can. It is looked for from the borders. */
export function visibleBox(source) {
  const { width, height } = source;
  const across = (y, high) => visibleIn(source, { x: 0, y, width, height: high });
  const top = firstSeen(height, across)?.top;
  if (top === undefined) return { x: 0, y: 0, width, height };
  const { bottom } = firstSeen(height, (y, high) => across(height - y - high, high));
  const down = (x, wide) => visibleIn(source, { x, y: top, width: wide, height: bottom - top });
  const { left } = firstSeen(width, down);
  const { right } = firstSeen(width, (x, wide) => down(width - x - wide, wide));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** What `look(start, count)` finds in the first of `length` lines where it finds something. */
function firstSeen(length, look) {
  for (let start = 0; start < length; start += LINES) {
    const found = look(start, Math.min(LINES, length - start));
    if (found) return found;
  }
  return null;
}

/** The borders of what can be seen in a part of a canvas; null where nothing can. */
function visibleIn(source, { x, y, width, height }) {
  const { data } = source.getContext("2d").getImageData(x, y, width, height);
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let row = 0, at = 3; row < height; row++) {
    for (let column = 0; column < width; column++, at += 4) {
      if (data[at] < VISIBLE) continue;
      if (column < left) left = column;
      if (column > right) right = column;
      if (row < top) top = row;
      bottom = row;
    }
  }
  return right < 0 ? null : { left: x + left, top: y + top, right: x + right + 1, bottom: y + bottom + 1 };
}

/**
 * A canvas blurred by a Gaussian of standard deviation `radius`, as several box filters; what lies beyond its edge
 * is taken to be like the edge. Not by `context.filter`, which not every browser has.
 */
export function blurred(source, radius) {
  const made = copy(source);
  const context = made.getContext("2d");
  const image = context.getImageData(0, 0, made.width, made.height);
  const reach = Math.round((Math.sqrt((12 * radius * radius) / PASSES + 1) - 1) / 2);
  if (reach < 1) return made;
  let from = new Float32Array(image.data);
  let to = new Float32Array(from.length);
  for (let at = 0; at < from.length; at += 4) for (let c = 0; c < 3; c++) from[at + c] *= from[at + 3] / 255;
  for (let pass = 0; pass < PASSES; pass++) {
    box(from, to, made.width, made.height, 4, made.width * 4, reach);
    box(to, from, made.height, made.width, made.width * 4, 4, reach);
  }
  for (let at = 0; at < from.length; at += 4) {
    const alpha = from[at + 3];
    for (let c = 0; c < 3; c++) image.data[at + c] = alpha > 0 ? (from[at + c] * 255) / alpha : 0;
    image.data[at + 3] = alpha;
  }
  context.putImageData(image, 0, 0);
  return made;
}

/** Means over `2 * reach + 1` pixels along lines of `length`, a step of `step` apart; `lines` are `jump` apart. */
function box(from, to, length, lines, step, jump, reach) {
  const share = 1 / (2 * reach + 1);
  for (let line = 0; line < lines; line++) {
    for (let channel = 0; channel < 4; channel++) {
      const start = line * jump + channel;
      const at = (index) => from[start + Math.min(Math.max(index, 0), length - 1) * step];
      let sum = 0;
      for (let index = -reach; index <= reach; index++) sum += at(index);
      for (let index = 0; index < length; index++) {
        to[start + index * step] = sum * share;
        sum += at(index + reach + 1) - at(index - reach);
      }
    }
  }
}

/** A canvas of a shape, in one colour: it is opaque where the shape is. */
export function filled(shape, colour) {
  const made = canvas(shape.width, shape.height);
  const context = made.getContext("2d");
  context.drawImage(shape, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colour;
  context.fillRect(0, 0, made.width, made.height);
  return made;
}
