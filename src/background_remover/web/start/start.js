/** The start of the page: what it does, shown by an example, photos to try, and what the server takes. */

import { list, msg, number, tr, translate, whenChanged } from "../messages/language.js";
import { show as showNotice } from "../messages/notices.js";
import { facts } from "../service/facts.js";
import { Divider } from "../viewport/divider.js";

const PHOTOS = {
  astronaut: msg("An astronaut"),
  cat: msg("A cat"),
  coffee: msg("A cup of coffee"),
  photographer: msg("A photographer"),
}; // in the order of their small copies in `all.webp`

/** Builds it in the welcome; `take(files)` gets a photo that somebody tries. */
export function showStart(take) {
  const sample = new Sample(document.querySelector("#sample"));
  sample.load();
  sample.draw();
  const examples = document.querySelector("#examples");
  examples.append(...Object.keys(PHOTOS).map((name, index) => example(name, index, take)));
  translate(examples);
  showFacts();
  whenChanged(() => (sample.draw(), showFacts()));
}

/** The example before and after, as a view whose split a `Divider` moves. */
class Sample {
  split = 0.5;
  #element;
  #divider;

  constructor(element) {
    this.#element = element;
    this.#divider = new Divider(element.querySelector(".divider"), this);
  }

  /** Loads its two pictures, only now that the page can be used. */
  load() {
    for (const name of ["before", "after"]) {
      this.#element.querySelector(`.sample-${name}`).src = new URL(`./${name}.webp`, import.meta.url).href;
    }
  }

  get splitX() {
    return this.split * this.#element.clientWidth;
  }

  splitAt(x) {
    this.split = Math.min(Math.max(x / this.#element.clientWidth, 0), 1);
    this.draw();
  }

  draw() {
    const percent = `${100 * this.split}%`;
    this.#element.querySelector(".sample-before").style.clipPath = `inset(0 calc(100% - ${percent}) 0 0)`;
    this.#element.querySelector(".sample-after").style.clipPath = `inset(0 0 0 ${percent})`;
    this.#divider.place(true);
    this.#element.querySelector(".divider").style.left = percent; // of the element, which may get another width
  }
}

function example(name, index, take) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "example";
  button.setAttribute("aria-label", PHOTOS[name]);
  button.title = PHOTOS[name];
  const last = Object.keys(PHOTOS).length - 1;
  const address = new URL("./all.webp", import.meta.url).href;
  button.style.background = `url("${address}") ${(100 * index) / last}% 0 / ${100 * (last + 1)}% 100%`;
  button.addEventListener("click", () => tryOut(name, take));
  return button;
}

async function tryOut(name, take) {
  const answer = await fetch(new URL(`./${name}.webp`, import.meta.url)).catch(() => null);
  if (!answer?.ok) return showNotice(tr("The server can't be reached"), { isError: true });
  take([new File([await answer.blob()], `${name}.webp`, { type: "image/webp" })]);
}

async function showFacts() {
  const known = await facts();
  if (!known) return;
  if (known.static) return (await import("./local.js")).showLocal(known);
  const megabytes = number(known.max_megabytes, { style: "unit", unit: "megabyte" });
  const values = { formats: list(known.formats), megapixels: known.max_megapixels, megabytes };
  const photos = tr("{formats}, up to {megapixels} megapixels and {megabytes}.", values);
  document.querySelector("#limits").textContent = [photos, ...(known.video ? [ofVideos(known.video)] : [])].join(" ");
}

/** What videos the server takes. */
function ofVideos({ max_seconds, max_megabytes }) {
  const [value, unit] = max_seconds < 120 ? [max_seconds, "second"] : [Math.floor(max_seconds / 60), "minute"];
  const length = number(value, { style: "unit", unit, unitDisplay: "long" });
  return tr("Videos too, up to {length} and {megabytes}.", { length, megabytes: number(max_megabytes, { style: "unit", unit: "megabyte" }) });
}
