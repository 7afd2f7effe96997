/** The overlays on a picture: clicks, a box, the hovered region, a crosshair, a brush. */

import { filled } from "../drawing/canvas.js";

const RADIUS = 8; // of a click's mark, in pixels of the screen
const ARM = 11; // of the crosshair
const LIGHT = "#fff";
const DARK = "rgb(0 0 0 / 0.75)";
const COLOURS = { points: "#157347", notPoints: "#b3261e" };
const TINT = "rgb(58 86 212 / 0.5)";

/** Draws marks, `{ choice, region, box, crosshair, colour }`, on a picture of this size; a pixel of the screen is `line`. */
export function drawMarks(context, marks, { width, height }, line) {
  if (marks.region) context.drawImage(filled(marks.region.canvas, TINT), 0, 0, width, height);
  const { choice } = marks;
  const box = marks.box ?? (choice.box && scaled(choice.box, width, height));
  if (box) drawBox(context, box, line);
  for (const kind of ["points", "notPoints"]) {
    for (const { x, y } of choice[kind]) drawClick(context, x * width, y * height, kind, line);
  }
  if (marks.crosshair) drawCrosshair(context, marks.crosshair, line);
  if (marks.colour) drawColour(context, marks.colour, line);
}

/** Draws the rim of a brush, `{ mode, radius, x, y }`, with its sign; a pixel of the screen is `line`. */
export function drawBrush(context, { mode, radius, x, y }, line) {
  const arm = Math.min(5 * line, radius / 2);
  for (const [colour, width] of [[DARK, 3], [LIGHT, 1.5]]) {
    stroke(context, colour, width * line, () => {
      context.arc(x, y, radius, 0, 2 * Math.PI);
      if (mode !== "refine") cross(context, x, y, arm, mode === "keep");
    });
  }
}

function scaled({ x, y, width: wide, height: high }, width, height) {
  return { x: x * width, y: y * height, width: wide * width, height: high * height };
}

function drawBox(context, { x, y, width, height }, line) {
  for (const [colour, dash] of [[DARK, []], [LIGHT, [6 * line, 5 * line]]]) {
    context.setLineDash(dash);
    stroke(context, colour, 2 * line, () => context.rect(x, y, width, height));
  }
  context.setLineDash([]);
}

function drawClick(context, x, y, kind, line) {
  const radius = RADIUS * line;
  context.fillStyle = COLOURS[kind];
  stroke(context, DARK, 4 * line, () => context.arc(x, y, radius, 0, 2 * Math.PI));
  context.fill();
  stroke(context, LIGHT, 2 * line, () => context.arc(x, y, radius, 0, 2 * Math.PI));
  stroke(context, LIGHT, 2 * line, () => cross(context, x, y, radius / 2, kind === "points"));
}

function drawCrosshair(context, { x, y }, line) {
  for (const [colour, width] of [[DARK, 4], [LIGHT, 1.5]]) {
    stroke(context, colour, width * line, () => cross(context, x, y, ARM * line, true));
  }
}

/** A ring in a colour beside the pointer that is about to pick it. */
function drawColour(context, { x, y, colour }, line) {
  const [right, down, radius] = [x + 20 * line, y - 20 * line, 11 * line];
  context.fillStyle = colour;
  stroke(context, DARK, 4 * line, () => context.arc(right, down, radius, 0, 2 * Math.PI));
  context.fill();
  stroke(context, LIGHT, 2 * line, () => context.arc(right, down, radius, 0, 2 * Math.PI));
}

function cross(context, x, y, arm, isWhole) {
  context.moveTo(x - arm, y);
  context.lineTo(x + arm, y);
  if (!isWhole) return;
  context.moveTo(x, y - arm);
  context.lineTo(x, y + arm);
}

function stroke(context, colour, width, path) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  path();
  context.stroke();
}
