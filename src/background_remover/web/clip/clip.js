/** `Clip`: one video, its settings, and the state of its work. */

import { loadSceneOf, sceneNamed } from "../files/scenes.js";
import { Failure } from "../service/failure.js";
import { convert } from "./service.js";

const LONGEST = 480; // pixels of an animation's longer side: browsers and servers hold all of its frames
// Chosen before, for the next one; `picture` is `{ file, bitmap }` or null.
let last = { kind: "webm", background: "colour", colour: "#ffffff", scene: "studio", picture: null, steady: true, sound: true };

/** The formats of results that are animations, without sound. */
export const ANIMATIONS = ["webp", "gif"];

/** Its `phase` is one of ready, waiting, sending, paused, working, receiving, done, failed; "change" says that it is another. */
export class Clip extends EventTarget {
  phase = "ready";
  share = 0; // of it that is sent
  job = null; // what the server says of its work
  wait = 0; // seconds until a busy server is asked again
  result = null; // `{ blob, notes, unsure, frames }`
  failure = null;
  isSaved = false;
  choices = { ...last, from: "", to: "" };
  #stopping = new AbortController();

  constructor(file) {
    super();
    this.file = file;
    this.name = file.name;
  }

  /** Whether the server is at work on it, or will be. */
  get isBusy() {
    return !["ready", "done", "failed"].includes(this.phase);
  }

  /** Changes what is chosen. */
  choose(part) {
    this.choices = { ...this.choices, ...part };
    const { from, to, ...kept } = this.choices;
    last = kept;
    this.#change();
  }

  /** The choices as the server's options, once a scene among them is loaded. */
  get fields() {
    const { kind, steady, sound, from, to } = this.choices;
    const fields = { format: kind, steady: steady ? "on" : "off" };
    if (kind === "mp4") fields.background = behind(this.choices);
    if (ANIMATIONS.includes(kind)) fields.longest = LONGEST;
    else if (!sound) fields.no_audio = true;
    if (from) fields.from = from;
    if (to) fields.to = to;
    return fields;
  }

  /** The name of the result. */
  get target() {
    return `${this.name.replace(/\.[^.]*$/, "")}-cutout.${this.choices.kind}`;
  }

  /** Lets it wait for its turn. */
  enqueue() {
    this.#stopping = new AbortController();
    this.#change({ phase: "waiting", share: 0, job: null, result: null, failure: null, isSaved: false });
  }

  /** Has it cut out; never throws. */
  async work() {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    try {
      const onProgress = (phase, facts) => !signal.aborted && this.#change({ phase, ...(phase === "sending" ? facts : { job: facts }) });
      const onWait = (wait) => this.#change({ phase: "paused", wait });
      if (this.choices.kind === "mp4") await loadSceneOf(this.choices);
      const result = await convert({ file: this.file, fields: this.fields, signal, onProgress, onWait });
      signal.throwIfAborted();
      this.#change({ phase: "done", result });
    } catch (error) {
      if (signal.aborted) return;
      this.#change({ phase: "failed", failure: error instanceof Failure ? error : new Failure("crashed") });
    }
  }

  /** Gives up the work on it, so that something else can be chosen. */
  cancel() {
    this.#stopping.abort();
    this.#change({ phase: "ready", result: null, failure: null });
  }

  #change(parts = {}) {
    Object.assign(this, parts);
    this.dispatchEvent(new Event("change"));
  }
}

/** The background among choices as the server takes it: a colour, or the file of a picture. */
function behind({ background, colour, scene, picture }) {
  if (background === "colour") return colour;
  return background === "scene" ? sceneNamed(scene).file : picture.file;
}
