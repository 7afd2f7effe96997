/** What stays of a picture: clicks, a box, its ground, or a colour to remove; and the server's fields for that. */

/** Points and the box are in shares of the picture's width and height, `tolerance` in levels of 255. */
export const UNCHOSEN = Object.freeze({
  points: Object.freeze([]), // { x, y } on the subject
  notPoints: Object.freeze([]), // and on what isn't
  box: null, // { x, y, width, height } around it
  ground: "auto", // "plain" and "photo" are the others
  removeColour: "", // #rrggbb
  tolerance: 10,
  keepShadow: false,
});

const LAST = 0.99999; // a share beyond this may be rounded to the pixel after the last

/** Whether a click or a box chooses the subject. */
export function isPrompted({ points, notPoints, box }) {
  return Boolean(points.length || notPoints.length || box);
}

/** The subject at a point alone. */
export function take(choice, point) {
  return prompted(choice, { points: [point], notPoints: [], box: null });
}

/** The subject at one point more. */
export function add(choice, point) {
  return prompted(choice, { points: [...choice.points, point] });
}

/** Without what is at a point. */
export function exclude(choice, point) {
  return prompted(choice, { notPoints: [...choice.notPoints, point] });
}

/** The subject at these points, with the rest as it is. */
export function keep(choice, points) {
  return prompted(choice, { points });
}

/** The subject in a box. */
export function enclose(choice, box) {
  return prompted(choice, { points: [], notPoints: [], box });
}

/** Without clicks and box. */
export function clear(choice) {
  return Object.freeze({ ...choice, points: [], notPoints: [], box: null });
}

/** With another ground; a plain one keeps all that is on it, so that clicks and box go. */
export function onGround(choice, ground) {
  const rest = ground === "plain" ? clear(choice) : choice;
  return Object.freeze({ ...rest, ground, removeColour: ground === "auto" ? choice.removeColour : "" });
}

/** Without a colour, wherever it is; "" removes none. */
export function withoutColour(choice, removeColour) {
  return Object.freeze({ ...(removeColour ? { ...clear(choice), ground: "auto" } : choice), removeColour });
}

/** The server's fields. */
export function fields(choice) {
  const made = {};
  if (choice.points.length) made.points = choice.points.map(pair).join(" ");
  if (choice.notPoints.length) made.not_points = choice.notPoints.map(pair).join(" ");
  if (choice.box) made.box = `${pair(choice.box)},${share(choice.box.width)},${share(choice.box.height)}`;
  if (choice.ground !== "auto") made.ground = choice.ground;
  if (choice.removeColour) {
    made.remove_colour = choice.removeColour;
    made.tolerance = String(choice.tolerance);
  }
  if (choice.keepShadow && choice.ground !== "photo") made.keep_shadow = "true";
  return made;
}

/** With other prompts: the server takes neither a plain ground nor a colour to remove beside them. */
function prompted(choice, prompts) {
  const ground = choice.ground === "plain" ? "auto" : choice.ground;
  return Object.freeze({ ...choice, ground, removeColour: "", ...prompts });
}

function pair({ x, y }) {
  return `${share(x)},${share(y)}`;
}

function share(part) {
  return `${(100 * Math.min(Math.max(part, 0), LAST)).toFixed(3)}%`;
}
