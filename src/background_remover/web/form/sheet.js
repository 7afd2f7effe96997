/** The form on a small screen: one part of it at a time, opened and closed by its button. */

/** Lets the buttons open and close the parts. */
export function listenToTabs() {
  const tabs = [...document.querySelectorAll("#tabs button")];
  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      const isOpen = tab.getAttribute("aria-expanded") === "true";
      for (const one of tabs) one.setAttribute("aria-expanded", String(one === tab && !isOpen));
      document.querySelector("#panel").dataset.open = isOpen ? "" : tab.value;
    });
  }
}
