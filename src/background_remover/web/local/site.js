/** The files that the worker needs, by their full addresses. */

/** `{ model, runtime }` of a site's facts, whose files are named from `base`, as `openRuntime` takes them. */
export function siteOf({ model, runtime: { module, glue, wasm } }, base) {
  const address = (file) => new URL(file, base).href;
  const placed = (entry) => ({ ...entry, file: address(entry.file) });
  return { model: placed(model), runtime: { module: address(module), glue: address(glue), wasm: placed(wasm) } };
}
