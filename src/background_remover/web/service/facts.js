/**
 * What the server says of itself: the formats it reads, its limits, and the quality that each lossy format has by itself.
 *
 * Of a page without a server, `static` is true, and the file says what the browser has to load in its place.
 */

/** Where they are. */
export const FACTS = new URL("../../page.json", import.meta.url);
let asked = null;

/** `{ formats, max_megabytes, max_megapixels, quality }`; null where nobody says. It is asked until it is answered, once. */
export function facts() {
  asked ??= ask();
  return asked;
}

async function ask() {
  const answer = await fetch(FACTS).catch(() => null);
  const known = answer?.ok ? await answer.json().catch(() => null) : null;
  if (!known) asked = null;
  return known;
}
