/** Choices that the browser keeps for the page as texts: in `localStorage`, which may be forbidden or full. */

const [KEEPING, NO] = ["keep", "no"];

/** Whether pictures are to be kept in the browser: unless somebody said no. */
export function keepsPictures() {
  return remembered(KEEPING, NO) !== NO;
}

/** Notes whether pictures are to be kept. */
export function setKeeping(isOn) {
  remember(KEEPING, isOn ? "yes" : NO);
}

/** The text that is kept under a key, or null; `otherwise` where the browser keeps nothing for the page. */
export function remembered(key, otherwise = null) {
  try {
    return localStorage.getItem(key);
  } catch {
    return otherwise;
  }
}

/** Keeps a text under a key, where the browser allows that. */
export function remember(key, text) {
  try {
    localStorage.setItem(key, text);
  } catch {
    // Somebody chooses anew next time.
  }
}
