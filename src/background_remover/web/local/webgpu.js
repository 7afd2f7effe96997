/** Whether the graphics card runs the network, by WebGPU: where the site has what that takes, and the browser a card. */

const OFF = "off"; // the value of `webgpu` in the page's address that forbids it
let asked = null;

/** Whether a site's facts, of `page.json`, and this browser allow it, and nobody has switched it off. */
export async function usesWebgpu({ runtime }, isAllowed = new URLSearchParams(location.search).get("webgpu") !== OFF) {
  if (!runtime.webgpu || !isAllowed) return false;
  asked ??= hasAdapter();
  return asked;
}

/** Whether there is a graphics card; what a processor does in place of one is slower than WebAssembly. */
async function hasAdapter() {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  return Boolean(adapter) && !adapter.info?.isFallbackAdapter;
}
