/** Texts of options: lengths in pixels or per cent, pairs of them, canvases and positions. */

const LENGTH = /^\s*([+-]?\d{1,6}(?:\.\d{1,9})?)\s*(px|%)?\s*$/;
const CANVAS = /^(\d{1,5})x(\d{1,5})$/;
const ROWS = { top: 0, "": 0.5, bottom: 1 };
const COLUMNS = { left: 0, "": 0.5, right: 1 };

/** A length, `20`, `20px` or `5%`, in pixels, where 100 % are `whole`; NaN where it is none. */
export function pixels(text, whole) {
  const match = LENGTH.exec(text);
  if (!match) return NaN;
  return match[2] === "%" ? (Number(match[1]) * whole) / 100 : Number(match[1]);
}

/** Two lengths, right and down, in pixels. */
export function offset(text, whole) {
  const [right, down] = text.split(",").map((part) => pixels(part, whole));
  return { right, down };
}

/** A canvas, `{ height, width }`, of a text as `1200x800`; null without one. */
export function canvasSize(text) {
  const match = CANVAS.exec(text);
  return match && { height: Number(match[2]), width: Number(match[1]) };
}

/** The shares of the free height above and of the free width to the left of a position. */
export function position(text) {
  const name = text.replace("center", "centre");
  if (name === "centre") return { down: 0.5, along: 0.5 };
  const [row, column] = name.includes("-") ? name.split("-") : name in ROWS ? [name, ""] : ["", name];
  return { down: ROWS[row], along: COLUMNS[column] };
}

/** Whether an option's text can be read; of others than lengths and places it is found out later. */
export function isReadable(name, text) {
  if (name === "margin" || name === "shadow_blur") return pixels(text, 1) >= 0;
  if (name === "shadow_offset") return Object.values(offset(text, 1)).every(Number.isFinite) && text.split(",").length === 2;
  if (name === "outline") return !text || pixels(text.split(",")[0], 1) > 0;
  if (name === "canvas") return !text || Object.values(canvasSize(text) ?? [0]).every(Boolean);
  if (name === "position") return Object.values(position(text)).every(Number.isFinite);
  return true;
}
