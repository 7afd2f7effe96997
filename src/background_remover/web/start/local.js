/** What the start says where the page has no server: what is loaded, how far that is, and that it is kept. */

import { fileSize, list, percent, tr } from "../messages/language.js";
import { loadIsolated } from "../local/keeping.js";
import { usesWebgpu } from "../local/webgpu.js";
import { keep, prepare } from "../service/local.js";

let state = () => ""; // what of the loading is said, in the language of the page
let begun = false;

/** Says it in the welcome, now and as it changes, and begins to load what `known`, the page's facts, say. */
export function showLocal(known) {
  let download = known.download;
  const show = () => {
    document.querySelector("#promise").textContent = tr("No account, full size, and nothing leaves this browser.");
    document.querySelector("#limits").textContent = [sizeOf(known.formats, download), state()].join(" ");
  };
  usesWebgpu(known).then((isUsed) => isUsed && ((download += known.runtime.webgpu.download), show()));
  show();
  if (begun || navigator.connection?.saveData) return; // then it is loaded with the first picture
  begun = true;
  load((next) => ((state = next), show()));
}

function sizeOf(formats, download) {
  return tr("{formats}. Everything runs in this browser: {size} to load once.", {
    formats: list(formats),
    size: fileSize(download),
  });
}

async function load(say) {
  const isKept = await keep((share) => say(() => tr("Loading, {percent}", { percent: percent(share) })));
  if (isKept && loadIsolated(!document.body.classList.contains("start"))) return;
  if (isKept) say(() => tr("It is all here: the page works without a network now."));
  else say(() => tr("This browser can't keep it: it is loaded with the first picture."));
  if (isKept) prepare();
}
