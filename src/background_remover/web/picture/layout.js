/** Where a subject goes on a canvas of another size, as the server lays it out. */

import { outlined } from "./frame.js";

/** Size -> how it is found: a width to height `ratio`, or `width` and `height` in pixels; and the choices it begins with. */
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
  passport: { width: 413, height: 531, settings: { fill: 91, position: "bottom" } }, // 35 x 45 mm at 300 dots per inch
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

/**
 * The layout of a picture on its canvas, `{ canvas, box, frame, factor }`, by what was measured of its cutout: the box of the
 * subject and the width and height of all.
 *
 * `canvas` is in pixels of the result; `box`, that of the subject with its outline, and `frame`, what the canvas shows, are
 * in pixels of the cutout. `factor` is how much the subject is enlarged.
 */
export function layoutOf({ settings, size }, { box: subject, width, height }) {
  const box = outlined(subject, settings, { width, height });
  const reduced = width / size.width;
  const canvas = canvasOf(settings, { width: box.width / reduced, height: box.height / reduced }, size);
  const scale = (settings.fill / 100) * Math.min(canvas.width / box.width, canvas.height / box.height);
  return { canvas, box, frame: frameOf(canvas, box, scale, POSITIONS[settings.position]), factor: scale * reduced };
}

/** The server's fields for a layout. */
export function layoutFields(layout, settings) {
  if (!layout) return {};
  const { width, height } = layout.canvas;
  return { canvas: `${width}x${height}`, scale: String(settings.fill / 100), position: settings.position };
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
