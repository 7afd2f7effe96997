/** Which pictures of the list are shown, and in what order. */

const SURE = 0.75; // a confidence below this is worth a look
const FAILED = new Set(["failed", "empty"]);

/** Whether somebody should look at a picture: nothing was cut out, or the server isn't sure of its cut. */
export function needsCheck(picture) {
  if (FAILED.has(picture.phase)) return true;
  if (picture.phase !== "done" || picture.version) return false;
  return picture.isUnsure || (picture.cut.confidence ?? 1) < SURE;
}

/** The pictures to show, sorted by "own" order, "name" or "confidence" (the least first); only those to check where wished. */
export function arranged(pictures, sort, onlyToCheck) {
  const shown = onlyToCheck ? pictures.filter(needsCheck) : [...pictures];
  if (sort === "name") shown.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
  if (sort === "confidence") shown.sort((one, other) => certainty(one) - certainty(other));
  return shown;
}

/** The confidence in [0, 1] to sort by: -1 where nothing was cut out, 2 where it isn't known yet. */
function certainty(picture) {
  if (FAILED.has(picture.phase)) return -1;
  return picture.cut?.confidence ?? 2;
}
