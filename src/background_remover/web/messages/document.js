/** The translatable texts of a page: text nodes and labels, apart from names and single characters. */

const ATTRIBUTES = ["alt", "aria-label", "content", "placeholder", "title"];
const HOLDERS = "[alt], [aria-label], meta[name=description], [placeholder], [title]";
const LEFT_OUT = "script, noscript, [translate=no]";
const IS_TEXT = /\p{L}{2}/u; // two letters

/** All texts in an element, `[{ text, show(other) }]`: with single spaces, and how another is put in its place. */
export function collect(root) {
  return [...nodesOf(root), ...attributesOf(root)];
}

function* nodesOf(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const [, before, text, after] = /^(\s*)(.*?)(\s*)$/s.exec(node.data);
    if (!IS_TEXT.test(text) || node.parentElement.closest(LEFT_OUT)) continue;
    yield { text: spaced(text), show: (other) => (node.data = before + other + after) };
  }
}

function* attributesOf(root) {
  for (const element of root.querySelectorAll(HOLDERS)) {
    for (const name of ATTRIBUTES) {
      const text = spaced(element.getAttribute(name) ?? "");
      if (!IS_TEXT.test(text) || element.closest(LEFT_OUT)) continue;
      yield { text, show: (other) => element.setAttribute(name, other) };
    }
  }
}

function spaced(text) {
  return text.replace(/\s+/g, " ").trim();
}
