/** Elements that are built by code. */

/** An element of a kind with these properties, and with children that are elements or texts. */
export function element(kind, properties = {}, ...children) {
  const made = Object.assign(document.createElement(kind), properties);
  made.append(...children);
  return made;
}

/** A picture of the sprite, which screen readers leave out. */
export function icon(name) {
  const [svg, use] = ["svg", "use"].map((kind) => document.createElementNS("http://www.w3.org/2000/svg", kind));
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `static/icons/sprite.svg#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Has an element these children in this order; one that has them already is left alone, and so is the focus in it. */
export function setChildren(parent, children) {
  const isSame = children.length === parent.children.length && children.every((child, index) => child === parent.children[index]);
  if (!isSame) parent.replaceChildren(...children);
}

/** Radio buttons that look like a row of keys: `labels` maps their values to their texts. */
export function keys(name, labels, className) {
  const made = element("div", { className: `choice ${className}` });
  for (const [value, label] of Object.entries(labels)) {
    const radio = element("input", { type: "radio", name, value });
    made.append(element("label", {}, radio, element("span", { textContent: label })));
  }
  return made;
}

/** A slider with its label. */
export function slide(label, input) {
  return element("label", { className: "slide" }, element("span", { textContent: label }), input);
}

/** Round buttons of colours, or of any CSS backgrounds: `[{ fill, label, value }]`; `onClick(value)`. */
export function swatches(choices, onClick) {
  return choices.map(({ fill, label, value }) => {
    const made = element("button", { type: "button", className: "swatch", ariaLabel: label, title: label });
    made.style.setProperty("--swatch", fill);
    made.dataset.value = value;
    made.addEventListener("click", () => onClick(value));
    return made;
  });
}

/** Marks the button of a value among swatches; whether there is one. */
export function press(group, value) {
  const all = [...group.querySelectorAll(".swatch")];
  for (const swatch of all) swatch.setAttribute("aria-pressed", String(swatch.dataset.value === value));
  return all.some((swatch) => swatch.dataset.value === value);
}
