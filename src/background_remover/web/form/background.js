/** The form's section for the background. */

import { loadScene, sceneNamed } from "../files/scenes.js";
import { msg, translate } from "../messages/language.js";
import { show as showNotice } from "../messages/notices.js";
import { lineOf } from "../messages/texts.js";
import { ColourTools } from "./colours.js";
import { element, keys, slide } from "./element.js";
import { GradientTools } from "./gradient.js";
import { OwnPictures } from "./own-pictures.js";
import { SceneTools } from "./scenes.js";

const KINDS = {
  none: msg("None"),
  colour: msg("Colour"),
  gradient: msg("Gradient"),
  scene: msg("Scene"),
  picture: msg("Picture"),
  blur: msg("Blur"),
};

/**
 * Builds its controls in a group of the form, shows a picture's background and lets it be changed: `onPreview(part)` gets
 * settings while somebody is choosing, `onChange(part)` once a choice is made; `onPick(take)` has a colour picked from the picture.
 */
export class BackgroundPanel {
  #group;
  #blur = element("input", { id: "blur", type: "range", min: 0.5, max: 8, step: 0.5 });
  #details; // kind -> what is shown for it
  #colours;
  #gradients;
  #scenes;
  #pictures;
  #picture = null;
  #onChange;

  constructor(group, { onPreview, onChange, onPick }) {
    this.#group = group;
    this.#onChange = onChange;
    this.#colours = new ColourTools({
      onPreview: (colour) => onPreview(this.#coloured(colour)),
      onChange: (colour) => onChange(this.#coloured(colour)),
      onPick,
    });
    this.#gradients = new GradientTools({
      onPreview: (gradient) => onPreview({ gradient: Object.freeze(gradient) }),
      onChange: (gradient) => onChange({ gradient: Object.freeze(gradient) }),
      onEnd: () => this.show(this.#picture),
    });
    this.#scenes = new SceneTools((scene) => onChange({ scene }));
    this.#pictures = new OwnPictures((picture) => onChange({ background: "picture", picture }));
    const blurred = element("div", { className: "detail" }, slide(msg("Strength"), this.#blur));
    this.#details = {
      gradient: this.#gradients.element,
      colour: this.#colours.element,
      scene: this.#scenes.element,
      picture: this.#pictures.element,
      blur: blurred,
    };
    group.append(keys("background", KINDS, "kinds"), ...Object.values(this.#details));
    translate(group);
    group.addEventListener("change", ({ target }) => target.name === "background" && this.#choose(target.value));
    this.#blur.addEventListener("input", () => onPreview({ blur: Number(this.#blur.value) }));
    this.#blur.addEventListener("change", () => onChange({ blur: Number(this.#blur.value) }));
  }

  /** Shows what is behind a picture's subject. */
  show(picture) {
    this.#picture = picture;
    const { background, gradient, blur, picture: own } = picture.settings;
    this.#group.querySelector(`[name=background][value=${background}]`).checked = true;
    for (const [kind, detail] of Object.entries(this.#details)) detail.hidden = kind !== background;
    this.#colours.element.hidden = !["colour", "gradient"].includes(background);
    if (!this.#colours.element.hidden) this.#colours.show(this.#colour, picture);
    if (background === "scene") this.#showScene(picture);
    this.#gradients.show(gradient);
    if (background === "picture") this.#pictures.recall();
    this.#pictures.show(own);
    this.#blur.value = blur;
  }

  #showScene(picture) {
    const { scene } = picture.settings;
    this.#scenes.show(scene); // their small copies are loaded only now
    if (sceneNamed(scene)) return;
    const explained = (error) => showNotice(lineOf(error), { isError: true });
    loadScene(scene).then(() => picture.changed(), explained);
  }

  /** The colour that the colour tools are for. */
  get #colour() {
    const { background, colour, gradient } = this.#picture.settings;
    return background === "gradient" ? gradient[this.#gradients.end] : colour;
  }

  /** The settings with that colour being another one. */
  #coloured(colour) {
    const { background, gradient } = this.#picture.settings;
    if (background !== "gradient") return { colour };
    return { gradient: Object.freeze({ ...gradient, [this.#gradients.end]: colour }) };
  }

  #choose(background) {
    this.#onChange({ background });
    if (background === "picture" && !this.#picture.settings.picture && !this.#pictures.hasSome) this.#pictures.choose();
  }
}
