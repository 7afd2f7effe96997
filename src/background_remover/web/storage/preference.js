/** Stored texts of the page, in `localStorage` or for a tab in `sessionStorage`; both may be forbidden or full. */

const [KEEPING, NO] = ["keep", "no"];
const ofPage = new Map(); // what is to be kept for the tab, where the browser keeps nothing

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

/** The text that is kept under a key until the tab is closed, or null. */
export function rememberedInTab(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return ofPage.get(key) ?? null;
  }
}

/** Keeps a text under a key until the tab is closed: whether that is so, as it may be only until the page is left. */
export function rememberInTab(key, text) {
  try {
    sessionStorage.setItem(key, text);
    return true;
  } catch {
    ofPage.set(key, text);
    return false;
  }
}
