/** How removed parts are shown while painting, and the key that shows the original. */

const KEY = "o"; // shows the original for as long as it is held
const WRITTEN_IN = "input:not([type=range], [type=radio], [type=checkbox]), select, textarea";

/** Has a view follow the switch and the key. */
export function listen(view) {
  const peek = (isOn) => {
    view.peeking = isOn;
    view.draw();
  };
  document.querySelector("#show").addEventListener("change", ({ target }) => {
    view.removed = target.value;
    view.draw();
  });
  document.addEventListener("keydown", (event) => {
    const isPlain = !(event.ctrlKey || event.metaKey || event.altKey || event.repeat);
    if (isPlain && event.key.toLowerCase() === KEY && !event.target.matches(WRITTEN_IN)) peek(true);
  });
  document.addEventListener("keyup", (event) => event.key.toLowerCase() === KEY && peek(false));
  addEventListener("blur", () => peek(false)); // the key may be released elsewhere
}
