/** Adds files to the page: dropped, pasted, chosen, photographed. */

import { looksLikeVideo } from "../clip/intake.js";
import { tr } from "../messages/language.js";
import { show as showNotice } from "../messages/notices.js";
import { OWN } from "./dragging.js";

const IS_PICTURE = /^image\//;
const SUFFIX = /\.(jpe?g|png|webp|avif|tiff?|gif|bmp|heic|heif)$/i;

/** Whether a file looks like a picture by its type or its name: the server has the last word. */
export function looksLikePicture(file) {
  return IS_PICTURE.test(file.type) || SUFFIX.test(file.name);
}

/** Calls `take(files)` with whatever comes in. */
export function listen(take) {
  const files = document.querySelector("#files");
  const camera = document.querySelector("#camera-file");
  for (const id of ["#choose", "#add-more"]) document.querySelector(id).addEventListener("click", () => files.click());
  document.querySelector("#photograph").addEventListener("click", () => camera.click());
  for (const input of [files, camera]) {
    const takeChosen = () => {
      take([...input.files]);
      input.value = ""; // the same file can be chosen again
    };
    input.addEventListener("change", takeChosen);
    if (input.files.length) takeChosen(); // chosen while the page was loading
  }
  document.addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (!pasted.length) return;
    event.preventDefault();
    take(pasted);
  });
  listenForDrops(take);
}

function listenForDrops(take) {
  let depth = 0; // of the elements a file was dragged into and not yet out of
  const over = (inside) => {
    depth = Math.max(0, inside);
    document.body.classList.toggle("dragging", depth > 0);
  };
  listenForOthers();
  addEventListener("dragenter", (event) => holdsFiles(event) && over(depth + 1));
  addEventListener("dragleave", (event) => holdsFiles(event) && over(depth - 1));
  addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", async (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    over(0);
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const plain = [...event.dataTransfer.files];
    const folders = entries.filter((entry) => entry.isDirectory);
    if (!folders.length) return take(plain);
    const single = entries.filter((entry) => entry.isFile);
    const found = (await Promise.all([...single, ...folders].map(inside))).flat();
    take(found.filter((file) => single.length === entries.length || looksLikePicture(file) || looksLikeVideo(file)));
  });
}

/** Keeps the browser from leaving the page for a link, a text or a picture of another page that is dropped on it. */
function listenForOthers() {
  const isOther = (event) => !holdsFiles(event) && !event.target.closest?.("input[type=password], input[type=text]");
  addEventListener("dragover", (event) => isOther(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!isOther(event)) return;
    event.preventDefault();
    if (event.dataTransfer?.types.includes("text/uri-list")) {
      showNotice(tr("A link can't be cut out: save the picture, and drop its file."));
    }
  });
}

function holdsFiles(event) {
  const types = [...(event.dataTransfer?.types ?? [])];
  return types.includes("Files") && !types.includes(OWN);
}

/** The files in an entry of a drop, in folders of any depth. */
async function inside(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const entries = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // a hundred at a time
    if (!some.length) break;
    entries.push(...some);
  }
  entries.sort((a, b) => a.name.localeCompare(b.name));
  return (await Promise.all(entries.map(inside))).flat();
}
