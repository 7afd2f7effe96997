/** What is kept of a picture: by clicks, a box, a number of subjects, its ground, or a colour; and the fields for it. */

/** Points and the box are in shares of the picture's width and height, `tolerance` in levels of 255. */
export const UNCHOSEN = Object.freeze({
  points: Object.freeze([]), // { x, y } on the subject
  notPoints: Object.freeze([]), // and on what isn't
  box: null, // { x, y, width, height } around it
  subjects: "all", // "largest", or a number of the largest as a text
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

/** Whether only some of what the server would find by itself stays. */
export function isChosen(choice) {
  return isPrompted(choice) || choice.subjects !== "all";
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

/** With so many of the largest subjects, in place of whatever else says what stays. */
export function withSubjects(choice, subjects) {
  return subjects === "all" ? Object.freeze({ ...choice, subjects }) : prompted(clear(choice), { subjects });
}

/** With another ground; a plain one keeps all that is on it, so that clicks, box and a number of subjects go. */
export function onGround(choice, ground) {
  const rest = ground === "plain" ? unchosen(choice) : choice;
  return Object.freeze({ ...rest, ground, removeColour: ground === "auto" ? choice.removeColour : "" });
}

/** Without a colour, wherever it is; "" removes none. */
export function withoutColour(choice, removeColour) {
  return Object.freeze({ ...(removeColour ? { ...unchosen(choice), ground: "auto" } : choice), removeColour });
}

/** The server's fields. */
export function fields(choice) {
  const made = {};
  if (choice.points.length) made.points = choice.points.map(pair).join(" ");
  if (choice.notPoints.length) made.not_points = choice.notPoints.map(pair).join(" ");
  if (choice.box) made.box = `${pair(choice.box)},${share(choice.box.width)},${share(choice.box.height)}`;
  if (choice.subjects !== "all") made.subjects = choice.subjects;
  if (choice.ground !== "auto") made.ground = choice.ground;
  if (choice.removeColour) {
    made.remove_colour = choice.removeColour;
    made.tolerance = String(choice.tolerance);
  }
  if (choice.keepShadow && choice.ground !== "photo") made.keep_shadow = "true";
  return made;
}

/** Without clicks, box and a number of subjects. */
function unchosen(choice) {
  return { ...clear(choice), subjects: "all" };
}

/** With other prompts, of all subjects if they don't say how many: the server takes neither a plain ground nor a colour to remove beside them. */
function prompted(choice, prompts) {
  const ground = choice.ground === "plain" ? "auto" : choice.ground;
  return Object.freeze({ ...choice, subjects: "all", ground, removeColour: "", ...prompts });
}

function pair({ x, y }) {
  return `${share(x)},${share(y)}`;
}

function share(part) {
  return `${(100 * Math.min(Math.max(part, 0), LAST)).toFixed(3)}%`;
}
