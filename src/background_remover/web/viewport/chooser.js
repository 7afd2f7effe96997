/** Choosing the subject: turns clicks, boxes and keys over a picture into choices; a wand picks a colour to remove. */

import { msg, percent, tr } from "../messages/language.js";
import { add, clear, enclose, exclude, isPrompted, keep, take } from "../picture/choice.js";
import { Crosshair } from "./crosshair.js";
import { Hover } from "./hover.js";
import { Press, howOf } from "./press.js";
import { Regions } from "../drawing/regions.js";

const LEAST_BOX = 0.005; // of a side of the picture

/**
 * Takes what is picked in a view. `tools` is `{ mode(), how(), onChoice(choice, label), onColour(colour), onLeave(), say(text) }`:
 * the mode is "choose", or "wand" or "pick" where a colour is picked, `how` what a plain click does ("take", "add" or
 * "remove"), and `onLeave` ends the wand.
 */
export class Chooser {
  #view;
  #tools;
  #marks = null; // what is drawn, see `drawMarks`
  #corner = null; // where a box of the keyboard begins
  #press = new Press({
    onClick: (place, how) => this.#click(this.#view.toPicture(place.x, place.y), how),
    onDrag: (from, to) => this.#tools.mode() === "choose" && this.#mark({ box: this.#boxOf(from, to), region: null }),
    onBox: (from, to) => this.#enclose(this.#boxOf(from, to)),
  });
  #crosshair = new Crosshair({
    onAim: (point) => this.#aimByKey(point),
    onClick: (point, how) => this.#click(point, how),
    onCorner: (point) => this.#setCorner(point),
  });
  #hover = new Hover((region, point) => this.#showRegion(region, point));

  constructor(view, tools) {
    this.#view = view;
    this.#tools = tools;
  }

  /** Begins, or ends where `isOn` is false; what was aimed at is forgotten. */
  start(isOn) {
    this.#press.cancel();
    this.#hover.stop();
    this.#crosshair.point = this.#corner = null;
    this.#marks = isOn ? {} : null;
    this.#mark({});
  }

  press(event, place) {
    this.#crosshair.point = this.#corner = null;
    this.#mark({ crosshair: null, box: null });
    this.#press.begin(event, place);
  }

  /** Whether a drag draws a box; where it doesn't, it may move the picture. */
  drag(place) {
    this.#press.move(place);
    return this.#tools.mode() === "choose";
  }

  release(place) {
    this.#press.end(place);
  }

  /** Gives up a press, as where a second finger comes. */
  cancel() {
    this.#press.cancel();
    this.#mark({ box: null });
  }

  /** Follows a pointer that isn't pressed; null where it has left. */
  aim(place, event) {
    if (this.#press.isHeld || this.#crosshair.point) return;
    const point = place && this.#view.toPicture(place.x, place.y);
    if (point && this.#isInside(point)) return this.#aim(point, howOf(event));
    this.#hover.stop();
    this.#mark({ region: null, colour: null });
  }

  /** Takes a key; whether it is one of those that choose. */
  key(event) {
    if (event.key === "Escape") this.#escape();
    else return this.#crosshair.key(event, this.#picture.frame, this.#view.scale);
    return true;
  }

  /** Whether clicks pick a colour. */
  get #isWand() {
    return ["wand", "pick"].includes(this.#tools.mode());
  }

  get #picture() {
    return this.#view.picture;
  }

  #aim(point, how) {
    if (this.#isWand) return this.#mark({ colour: { ...point, colour: this.#colourAt(point) } });
    const wanted = how || this.#tools.how();
    const spot = this.#share(point);
    const base = wanted === "add" ? this.#picture.edits.choice : null;
    if (wanted !== "remove") return this.#hover.aim(this.#picture, spot, base, this.#choiceOf(spot, wanted));
    this.#hover.stop();
    return this.#mark({ region: null });
  }

  #aimByKey(point) {
    this.#mark({ crosshair: point, box: this.#corner && between(this.#corner, point) });
    this.#aim(point, "");
    const place = tr("at {place}", { place: this.#words(point) });
    this.#tools.say(this.#isWand ? `${this.#colourAt(point)} ${place}` : place);
  }

  #showRegion(region, point) {
    this.#mark({ region });
    if (!point || !this.#crosshair.point) return;
    const place = this.#words(this.#crosshair.point);
    if (!region) return this.#tools.say(tr("{place}: nothing would be chosen", { place }));
    this.#tools.say(tr("{place}: {percent} of the picture would be chosen", { place, percent: percent(region.share) }));
  }

  #click(point, how) {
    if (!this.#isInside(point)) return;
    if (this.#isWand) return this.#tools.onColour(this.#colourAt(point));
    const wanted = how || this.#tools.how();
    const choice = this.#choiceOf(this.#share(point), wanted);
    if (!choice) return this.#tools.say(tr("Nothing that stays is there"));
    this.#hover.stop();
    this.#mark({ region: null });
    this.#tools.onChoice(choice, wanted === "remove" ? msg("subject removed") : labelOf(choice));
  }

  /** What a click makes of the choice; null where there is nothing to remove. */
  #choiceOf(spot, how) {
    const { choice } = this.#picture.edits;
    if (how === "take") return take(choice, spot);
    const regions = new Regions(this.#picture.small.cutout);
    const here = regions.at(spot);
    if (how === "remove") return here ? without(choice, spot, regions) : null;
    if (isPrompted(choice)) return add(choice, spot);
    return here ? take(choice, spot) : keep(choice, [...regions.others(0), spot]);
  }

  #setCorner(point) {
    if (this.#tools.mode() !== "choose") return;
    if (this.#corner) return this.#enclose(between(this.#corner, point));
    this.#corner = point;
    this.#hover.stop(); // its answer would speak over what follows
    this.#tools.say(tr("A box begins at {place}: B again at the other corner makes it", { place: this.#words(point) }));
  }

  #enclose(box) {
    this.#corner = null;
    this.#hover.stop();
    this.#mark({ box: null });
    if (this.#tools.mode() !== "choose") return;
    const { width, height } = this.#picture.original;
    const [left, top] = [Math.max(box.x / width, 0), Math.max(box.y / height, 0)];
    const [right, bottom] = [Math.min((box.x + box.width) / width, 1), Math.min((box.y + box.height) / height, 1)];
    if (right - left < LEAST_BOX || bottom - top < LEAST_BOX) return;
    const shares = { x: left, y: top, width: right - left, height: bottom - top };
    this.#tools.onChoice(enclose(this.#picture.edits.choice, shares), msg("box"));
  }

  #escape() {
    const isBegun = this.#corner || this.#press.isHeld;
    this.#press.cancel();
    this.#hover.stop();
    this.#corner = null;
    this.#mark({ box: null });
    if (isBegun) return;
    if (this.#isWand) return this.#tools.onLeave();
    const { choice } = this.#picture.edits;
    if (isPrompted(choice)) this.#tools.onChoice(clear(choice), msg("choice cleared"));
  }

  #boxOf(from, to) {
    return between(this.#view.toPicture(from.x, from.y), this.#view.toPicture(to.x, to.y));
  }

  #isInside({ x, y }) {
    const { width, height } = this.#picture.original;
    return x >= 0 && y >= 0 && x <= width && y <= height;
  }

  #share({ x, y }) {
    const { width, height } = this.#picture.original;
    return { x: x / width, y: y / height };
  }

  #words(point) {
    const { x, y } = this.#share(point);
    return tr("{right} right, {down} down", { right: percent(x), down: percent(y) });
  }

  #colourAt({ x, y }) {
    const { original } = this.#picture;
    const [column, row] = [Math.min(Math.floor(x), original.width - 1), Math.min(Math.floor(y), original.height - 1)];
    const [red, green, blue] = original.getContext("2d").getImageData(column, row, 1, 1).data;
    return `#${[red, green, blue].map((level) => level.toString(16).padStart(2, "0")).join("")}`;
  }

  #mark(marks) {
    if (this.#marks) Object.assign(this.#marks, marks);
    this.#view.marks = this.#marks;
    this.#view.draw();
  }
}

/** What a click has done that made this choice. */
function labelOf({ points, box }) {
  return points.length > 1 || box ? msg("subject added") : msg("subject chosen");
}

/** A choice without what is at a place: one of several regions as a whole, of a single one the part around it. */
function without(choice, spot, regions) {
  const here = regions.at(spot);
  const others = regions.others(here);
  if (!others.length) return exclude(choice, spot);
  if (!choice.points.length) return keep(choice, others);
  const points = choice.points.filter((point) => regions.at(point) !== here);
  return points.length ? keep(choice, points) : exclude(choice, spot);
}

function between(one, other) {
  const [x, y] = [Math.min(one.x, other.x), Math.min(one.y, other.y)];
  return { x, y, width: Math.abs(one.x - other.x), height: Math.abs(one.y - other.y) };
}
