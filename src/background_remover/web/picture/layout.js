/** The layout of a subject on a canvas of another size, as the server computes it. */

import { frameOf as croppedFrame, outlined } from "./frame.js";
import { matrixOf, placeField, restingPlace } from "./place.js";

/**
 * Size -> how it is found: a width to height `ratio`, or `width` and `height` in pixels; the choices it begins with; pixels in an
 * inch; and where the chin is to be, and the crown of the tallest and of the shortest head, in shares of the height from above.
 */
export const SIZES = {
  original: {},
  square: { ratio: 1 },
  "4:5": { ratio: 4 / 5 },
  "16:9": { ratio: 16 / 9 },
  marketplace: {
    width: 2000,
    height: 2000,
    settings: { background: "colour", colour: "#ffffff", fill: 85, position: "centre" },
  },
  passport: {
    width: 413, // 35 x 45 mm
    height: 531,
    dpi: 300,
    head: { chin: 38 / 45, tallest: 2 / 45, shortest: 6 / 45 }, // 36 and 32 mm
    settings: { fill: 91, position: "bottom" },
  },
  custom: {},
};

/** The shares of the free width to the left of a subject and of the free height above it, for each position. */
export const POSITIONS = Object.fromEntries(
  ["top", "", "bottom"].flatMap((row, down) =>
    ["left", "", "right"].map((column, along) => {
      const name = [row, column].filter(Boolean).join("-") || "centre";
      return [name, { x: along / 2, y: down / 2 }];
    }),
  ),
);

const LARGEST = 16_777_216; // pixels of a canvas that is computed, where the picture itself has no more

/** Whether a result has a layout: one that keeps its size has none until its subject is placed. */
export function hasLayout({ size, place }) {
  return size !== "original" || place !== null;
}

/**
 * The layout of a picture on its canvas by what was measured of its cutout: the box of the subject and the width and height of all.
 *
 * `canvas` is in pixels of the result; in pixels of the cutout are `box`, what is put on the canvas, `subject`, the box of the
 * subject with its outline, `frame`, what the canvas shows where nothing is placed, and `behind`, what a blurred background
 * shows of the picture. `factor` is how much the subject is enlarged, `reduced` the cutout's width as a share of the
 * picture's, `place` where the subject is (see `restingPlace`), and `matrix` what moves it there, or null.
 */
export function layoutOf({ settings, size }, { box: bounds, width, height }) {
  const subject = outlined(bounds, settings, { width, height });
  const reduced = width / size.width;
  const isOwn = settings.size === "original";
  const base = isOwn ? ownLayout(settings, bounds, { width, height }, size) : canvasLayout(settings, subject, reduced, size);
  const made = { ...base, subject, reduced };
  made.place = settings.place ?? restingPlace(made);
  made.matrix = settings.place && matrixOf(made);
  made.factor *= made.place.scale;
  return made;
}

/** The server's fields for a layout. */
export function layoutFields(layout, settings) {
  if (!layout) return {};
  const { width, height } = layout.canvas;
  const canvas = `${width}x${height}`;
  const place = settings.place && placeField(settings.place);
  if (settings.size !== "original") {
    const { dpi } = SIZES[settings.size];
    const where = place ? { place } : { position: settings.position };
    return { canvas, scale: String(settings.fill / 100), ...where, ...(dpi ? { dpi: String(dpi) } : {}) };
  }
  return settings.crop ? { canvas, scale: "1", margin: `${settings.margin}%`, place } : { place };
}

/** The layout on a canvas of another size. */
function canvasLayout(settings, box, reduced, size) {
  const canvas = canvasOf(settings, { width: box.width / reduced, height: box.height / reduced }, size);
  const scale = (settings.fill / 100) * Math.min(canvas.width / box.width, canvas.height / box.height);
  const frame = frameOf(canvas, box, scale, POSITIONS[settings.position]);
  return { canvas, box, frame, behind: box, factor: scale * reduced };
}

/** The layout in the picture's own frame, or in that of its crop, which is a canvas of that size. */
function ownLayout(settings, bounds, { width, height }, size) {
  const frame = croppedFrame(settings.crop ? bounds : null, settings, { width, height });
  if (!settings.crop) return { canvas: size, box: outlined(bounds, settings, { width, height }), frame, behind: frame, factor: 1 };
  const enlarged = size.width / width;
  const sides = [frame.width, frame.height].map((side) => Math.max(Math.round(side * enlarged), 1));
  return { canvas: { width: sides[0], height: sides[1] }, box: frame, frame, behind: frame, factor: 1 };
}

/** A canvas's width and height: of a ratio the smallest one on which the subject keeps its pixels. */
function canvasOf(settings, box, own) {
  if (settings.size === "custom") return { width: settings.canvasWidth, height: settings.canvasHeight };
  const { ratio, width, height } = SIZES[settings.size];
  if (!ratio) return { width, height };
  const high = (Math.max(box.height, box.width / ratio) * 100) / settings.fill;
  const most = Math.max(LARGEST, own.width * own.height);
  const factor = Math.min(1, Math.sqrt(most / (high * high * ratio)));
  return { width: Math.max(1, Math.floor(high * ratio * factor)), height: Math.max(1, Math.floor(high * factor)) };
}

function frameOf(canvas, box, scale, free) {
  const [width, height] = [canvas.width / scale, canvas.height / scale];
  return { x: box.x - (width - box.width) * free.x, y: box.y - (height - box.height) * free.y, width, height };
}
