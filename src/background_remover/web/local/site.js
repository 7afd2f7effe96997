/** The files that the worker needs, by their full addresses. */

import { usesWebgpu } from "./webgpu.js";

/**
 * `{ model, runtime }` of a site's facts, whose files are named from `base`, as `openRuntime` takes them.
 *
 * What WebGPU takes is among them where it is used, see `usesWebgpu`.
 */
export async function siteOf(facts, base, isAllowed = undefined) {
  const address = (file) => new URL(file, base).href;
  const placed = (entry) => ({ ...entry, file: address(entry.file) });
  const engine = ({ module, glue, wasm }) => ({ module: address(module), glue: address(glue), wasm: placed(wasm) });
  const webgpu = (await usesWebgpu(facts, isAllowed)) ? engine(facts.runtime.webgpu) : null;
  return { model: placed(facts.model), runtime: { ...engine(facts.runtime), webgpu } };
}
