/** What the server says of itself: the formats it reads, its limits, and the quality that each lossy format has by itself. */

const FACTS = new URL("../../page.json", import.meta.url);
let asked = null;

/** `{ formats, max_megabytes, max_megapixels, quality }`; null where the server doesn't say. It is asked once. */
export function facts() {
  asked ??= fetch(FACTS).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
  return asked;
}
