/** A video before and after its cutout, in one place: the result lies on a chequerboard. */

import { element } from "../form/element.js";
import { tr } from "../messages/language.js";

/** Shows the file of a `Clip` and its result, as `element`; `showsOriginal` says which of the two. */
export class Player {
  element = element("div", { className: "clip-stage" });
  #clip;
  #original = element("video", { controls: true, muted: true, loop: true, playsInline: true, preload: "metadata" });
  #result = null;
  #blob = null; // of the result that is shown
  #addresses = [];

  constructor(clip) {
    this.#clip = clip;
    this.#original.src = this.#addressOf(clip.file);
    this.#original.addEventListener("error", () => this.element.classList.add("unknown"));
    this.element.append(this.#original);
  }

  /** Shows the result where there is one, or the original. */
  show(showsOriginal) {
    const { result, name, choices } = this.#clip;
    this.#original.ariaLabel = tr("{name}, the original", { name });
    if (this.#blob !== (result?.blob ?? null)) this.#replace(result?.blob ?? null);
    if (this.#result) {
      const label = tr("{name}, cut out", { name });
      if (this.#result.tagName === "IMG") this.#result.alt = label;
      else this.#result.ariaLabel = label;
    }
    const seesOriginal = showsOriginal || !this.#result;
    if (seesOriginal !== this.#original.hidden) return;
    this.#original.hidden = !seesOriginal;
    if (this.#result) this.#result.hidden = seesOriginal;
    this.#change(seesOriginal, Number(choices.from) || 0);
  }

  /** Gives up what it holds. */
  close() {
    this.#original.pause();
    for (const address of this.#addresses) URL.revokeObjectURL(address);
  }

  #replace(blob) {
    this.#result?.remove();
    this.#result = null;
    this.#blob = blob;
    this.#original.hidden = false;
    if (!blob) return;
    const isPicture = blob.type.startsWith("image/");
    const playing = { controls: true, muted: true, loop: true, playsInline: true };
    this.#result = element(isPicture ? "img" : "video", isPicture ? {} : playing);
    this.#result.src = this.#addressOf(blob);
    this.element.classList.remove("unknown");
    this.element.append(this.#result);
  }

  /** Goes on at the same time in the other one; `start` is where the result begins in the original. */
  #change(seesOriginal, start) {
    if (!this.#result || this.#result.tagName === "IMG") return seesOriginal ? this.#play(this.#original) : this.#original.pause();
    const [shown, other] = seesOriginal ? [this.#original, this.#result] : [this.#result, this.#original];
    const begun = other.currentTime > 0;
    other.pause();
    if (begun) shown.currentTime = Math.max(other.currentTime + (seesOriginal ? start : -start), 0);
    this.#play(shown);
  }

  #play(video) {
    if (this.#result && !matchMedia("(prefers-reduced-motion: reduce)").matches) video.play().catch(() => {});
  }

  #addressOf(blob) {
    const address = URL.createObjectURL(blob);
    this.#addresses.push(address);
    return address;
  }
}
