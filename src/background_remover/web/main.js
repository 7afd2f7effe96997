/** The page: pictures come in, are cut out, worked on, and taken away. */

import { BackgroundPanel } from "./form/background.js";
import { listen as listenToLanguage, tr, whenChanged } from "./messages/language.js";
import { Editor } from "./viewport/editor.js";
import { listen, looksLikePicture } from "./files/intake.js";
import { alarm, say, show as showNotice } from "./messages/notices.js";
import { canCopy, copy, save, saveAll } from "./files/output.js";
import { Panel } from "./form/panel.js";
import { Picture } from "./picture/picture.js";
import { QualityPanel } from "./form/quality.js";
import { Queue } from "./service/queue.js";
import { Removed } from "./picture/removed.js";
import { listenToTabs } from "./form/sheet.js";
import { SizePanel } from "./form/size.js";
import { DEFAULTS } from "./picture/settings.js";
import { Strip } from "./gallery/strip.js";
import { listenForHelp } from "./messages/shortcuts.js";
import { whenBack } from "./service/watch.js";
import { lineOf, ofConfidence, ofFailure } from "./messages/words.js";

const AT_ONCE = 2; // pictures that the server is asked for at a time
const one = (selector) => document.querySelector(selector);

let pictures = [];
const queue = new Queue(AT_ONCE, cutOut);
const strip = new Strip(one("#strip"), { onSelect: select, onRemove: remove });
const editor = new Editor({ onShow: showPanel, onRetry: retry, onRemove: remove });
const removed = new Removed({ onBack: restore, onGone: (picture) => picture.stop() });
const panel = new Panel({
  onPreview: (settings) => editor.picture?.preview(settings),
  onChange: (settings, before) => editor.picture?.edits.set(settings, before),
});
const background = new BackgroundPanel(one("#background"), {
  onPreview: (part) => panel.preview(part),
  onChange: (part) => panel.change(part),
  onPick: (take) => editor.pick(take),
});
const sizing = new SizePanel(one("#cropping"), {
  onPreview: (part) => panel.preview(part),
  onChange: (part) => panel.change(part),
});
const quality = new QualityPanel(one("#formats"), {
  format: () => panel.format,
  onPreview: (part) => panel.preview(part),
  onChange: (part) => panel.change(part),
});

listen(take);
listenToTabs();
listenToLanguage(one("#language"));
listenForHelp(one(".language"));
whenChanged(showAnew);
one("#download").addEventListener("click", (event) => busily(event.currentTarget, () => save(editor.picture, panel.format)));
one("#copy").addEventListener("click", (event) => busily(event.currentTarget, copyOne));
one("#download-all").addEventListener("click", (event) => busily(event.currentTarget, downloadAll));
one("#for-all").addEventListener("click", useForAll);
addEventListener("beforeunload", (event) => pictures.some((picture) => picture.version) && event.preventDefault());
showPanel(null);

function take(files) {
  if (!files.length) return;
  const settings = editor.picture?.settings ?? DEFAULTS;
  const added = files.map((file) => new Picture(file, settings));
  const isFirst = !pictures.length;
  pictures = [...pictures, ...added];
  document.body.classList.remove("start");
  for (const picture of added) {
    strip.add(picture);
    picture.addEventListener("change", () => strip.update(picture));
    if (looksLikePicture(picture.file)) queue.add(picture);
    else refuse(picture);
  }
  select(added[0]);
  if (isFirst) one("#work").focus({ preventScroll: true });
  const [{ name }] = added;
  say(added.length === 1 ? tr("{name} is being cut out", { name }) : tr("{count} pictures are being cut out", { count: added.length }));
}

function refuse(picture) {
  picture.refuse("foreign");
  alarm(`${picture.name}: ${ofFailure(picture.failure).title}`);
}

async function cutOut(picture) {
  await picture.cutOut(picture.wish);
  if (!pictures.includes(picture)) return;
  if (picture.phase === "done") {
    if (editor.picture === picture) await editor.show(picture);
    say(`${tr("{name} is cut out", { name: picture.name })}. ${ofConfidence(picture)}`);
  } else if (picture.failure) {
    alarm(`${picture.name}: ${ofFailure(picture.failure).title}. ${ofFailure(picture.failure).text}`);
    if (picture.failure.kind === "away") whenBack(goOn);
  }
}

/** Cuts out what failed while the server was away. */
function goOn() {
  const left = pictures.filter((picture) => picture.failure?.kind === "away");
  for (const picture of left) enqueue(picture, picture.wish);
  if (left.length) say(tr("The server is back: your pictures are being cut out"));
}

function enqueue(picture, wish) {
  picture.wish = wish;
  picture.again();
  queue.add(picture);
}

function retry(picture, wish) {
  enqueue(picture, wish);
  one("#viewport").focus({ preventScroll: true });
}

function select(picture) {
  strip.select(picture);
  panel.show(picture.settings);
  editor.show(picture);
}

function remove(picture) {
  const index = pictures.indexOf(picture);
  queue.remove(picture); // what is under way goes on, for the picture may be wanted back
  strip.remove(picture);
  pictures = pictures.filter((other) => other !== picture);
  const next = pictures[Math.min(index, pictures.length - 1)];
  if (!next) {
    document.body.classList.add("start");
    editor.show(null);
    one("#choose").focus();
  } else if (editor.picture === picture) {
    select(next);
    strip.focus(next);
  } else {
    strip.focus(next);
    showPanel(editor.picture);
  }
  removed.add(picture, index);
}

function restore(picture, index) {
  pictures = pictures.toSpliced(index, 0, picture);
  document.body.classList.remove("start");
  strip.add(picture, index);
  if (picture.phase === "waiting") queue.add(picture);
  if (picture.failure?.kind === "away") whenBack(goOn);
  select(picture);
  strip.focus(picture);
  say(tr("{name} is back", { name: picture.name }));
}

/** Shows all that JavaScript has written once more. */
function showAnew() {
  for (const picture of pictures) picture.changed();
  showPanel(editor.picture);
}

function showPanel(picture) {
  const done = pictures.filter((one) => one.phase === "done");
  if (picture) panel.show(picture.settings);
  if (picture) sizing.show(picture);
  if (picture) background.show(picture);
  quality.show(picture);
  one("#download").disabled = picture?.phase !== "done";
  one("#copy").disabled = picture?.phase !== "done" || !canCopy();
  one("#copy").title = canCopy() ? tr("Copy as a PNG") : tr("Copying needs https, or this very machine");
  one("#download-all").hidden = one("#for-all").hidden = pictures.length < 2;
  one("#download-all").disabled = !done.length;
  one("#for-all").disabled = picture?.phase !== "done";
}

function useForAll() {
  for (const picture of pictures) if (picture !== editor.picture) picture.edits.set(editor.picture.settings);
  showNotice(tr("All pictures have this background, shadow, outline, crop and size now."));
}

async function copyOne() {
  await copy(editor.picture);
  showNotice(tr("Copied."));
}

async function downloadAll() {
  const done = pictures.filter((picture) => picture.phase === "done");
  const label = one("#download-all span");
  await saveAll(done, panel.format, (count) => {
    label.textContent = tr("{number} of {count}", { number: count + 1, count: done.length });
  }).finally(() => (label.textContent = tr("Download all")));
  const left = pictures.length - done.length;
  if (left) showNotice(tr("Pictures in the ZIP: {count}; not cut out: {left}.", { count: done.length, left }));
}

/** Runs what a button does, and says what went wrong. */
async function busily(button, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    const words = error.kind ? lineOf(error) : tr("That didn't work: {reason}.", { reason: error.message });
    showNotice(words, { isError: true, action: { label: tr("Try again"), run: () => button.click() } });
  } finally {
    button.removeAttribute("aria-busy");
  }
}
