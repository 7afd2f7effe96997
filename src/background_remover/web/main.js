/** The page: pictures come in, are cut out, worked on, and taken away. */

import { BackgroundPanel } from "./form/background.js";
import { listen as listenToLanguage, tr, whenChanged } from "./messages/language.js";
import { offerVideos, withoutVideos } from "./clip/intake.js";
import { Collection } from "./gallery/collection.js";
import { Editor } from "./viewport/editor.js";
import { Gallery } from "./gallery/gallery.js";
import { listen, looksLikePicture } from "./files/intake.js";
import { alarm, say, show as showNotice } from "./messages/notices.js";
import { Panel } from "./form/panel.js";
import { Picture } from "./picture/picture.js";
import { QualityPanel } from "./form/quality.js";
import { Queue } from "./service/queue.js";
import { Removed } from "./gallery/removed.js";
import { Saving } from "./files/saving.js";
import { sharedFiles } from "./files/shared.js";
import { showStart } from "./start/start.js";
import { Keeper } from "./storage/keeper.js";
import { KeepingSwitch, offerBack } from "./storage/choice.js";
import { listenToTabs } from "./form/sheet.js";
import { SizePanel } from "./form/size.js";
import { DEFAULTS } from "./picture/settings.js";
import { Strip } from "./gallery/strip.js";
import { listenForHelp } from "./messages/shortcuts.js";
import { whenReconnected } from "./service/reconnection.js";
import { ofConfidence, ofFailure } from "./messages/texts.js";

const AT_ONCE = 2; // pictures that the server is asked for at a time
const one = (selector) => document.querySelector(selector);

const collection = new Collection();
const queue = new Queue(AT_ONCE, cutOut);
const strip = new Strip(one("#strip"), { onSelect: select, onRemove: (picture) => removed.remove([picture]) });
const editor = new Editor({ onShow: showForm, onRetry: retry, onRemove: (picture) => removed.remove([picture]) });
const removed = new Removed(collection, { onOut: goOnWithout, onBack: restore, onGone: (picture) => picture.stop() });
const gallery = new Gallery(collection, {
  onOpen: open,
  onRemove: (pictures) => removed.remove(pictures),
  onChange: showForm,
});
const panel = new Panel({
  onPreview: (settings) => (gallery.isOpen ? gallery.preview(settings) : editor.picture?.preview(settings)),
  onChange: (settings, before) => (gallery.isOpen ? gallery.set(settings) : editor.picture?.edits.set(settings, before)),
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
const saving = new Saving(collection, () => panel.format, strip, gallery);
const keeper = new Keeper(collection, () => keeping.showFailure());
const keeping = new KeepingSwitch(one(".save"), keeper);

listenToTabs();
listenToLanguage(one("#language"));
listenForHelp(one(".language"));
showStart(take);
offerVideos();
whenChanged(showAnew);
collection.addEventListener("change", () => strip.show(collection.all));
one("#for-all").addEventListener("click", useForAll);
addEventListener("beforeunload", (event) => collection.all.some(wouldBeLost) && event.preventDefault());
showForm();
listen(take);
take(sharedFiles());
offerKept();

function take(all) {
  const files = withoutVideos(all);
  if (!files.length) return;
  const settings = editor.picture?.settings ?? DEFAULTS;
  const added = files.map((file) => new Picture(file, settings));
  const isFirst = !collection.all.length;
  enter(added);
  select(added[0]);
  if (isFirst) one("#work").focus({ preventScroll: true });
  const [{ name }] = added;
  say(added.length === 1 ? tr("{name} is being cut out", { name }) : tr("{count} pictures are being cut out", { count: added.length }));
}

/** Has pictures in the list, and those that aren't cut out wait for that. */
function enter(added) {
  document.body.classList.remove("start");
  collection.add(added);
  for (const picture of added) {
    picture.addEventListener("change", () => (strip.update(picture), gallery.update(picture)));
    if (picture.phase !== "waiting") continue;
    if (looksLikePicture(picture.file)) queue.add(picture);
    else refuse(picture);
  }
}

async function offerKept() {
  const records = await keeper.found();
  if (!records.length || collection.all.length) return;
  const onYes = async () => {
    const pictures = await keeper.bringBack(records);
    if (!pictures.length) return;
    enter(pictures);
    select(pictures[0]);
  };
  offerBack(records, { onYes, onForget: () => keeper.forget(records) });
}

function wouldBeLost(picture) {
  return picture.version > 0 && !keeper.isKept(picture);
}

function refuse(picture) {
  picture.refuse("foreign");
  alarm(`${picture.name}: ${ofFailure(picture.failure).title}`);
}

async function cutOut(picture) {
  await picture.cutOut(picture.wish);
  if (!collection.all.includes(picture)) return;
  if (picture.phase === "done") {
    if (editor.picture === picture) await editor.show(picture);
    say(`${tr("{name} is cut out", { name: picture.name })}. ${ofConfidence(picture)}`);
  } else if (picture.failure) {
    alarm(`${picture.name}: ${ofFailure(picture.failure).title}. ${ofFailure(picture.failure).text}`);
    if (picture.failure.kind === "away") whenReconnected(goOn);
  }
}

/** Cuts out what failed while the server was away. */
function goOn() {
  const left = collection.all.filter((picture) => picture.failure?.kind === "away");
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

/** Shows a picture that was opened in the grid. */
function open(picture) {
  select(picture);
  strip.focus(picture);
}

/** Shows all that JavaScript has written once more. */
function showAnew() {
  for (const picture of collection.all) picture.changed();
  showForm();
}

/** Shows another picture where the one that was shown is removed, the first of those removed from this place. */
function goOnWithout(pictures, index) {
  for (const picture of pictures) queue.remove(picture); // what is under way goes on, for it may be wanted back
  const next = collection.all[Math.min(index, collection.all.length - 1)];
  if (!next) return startAgain();
  if (pictures.includes(editor.picture)) select(next);
  if (!gallery.isOpen) strip.focus(next);
  return showForm();
}

function startAgain() {
  gallery.close();
  document.body.classList.add("start");
  editor.show(null);
  one("#choose").focus();
}

function restore(pictures) {
  document.body.classList.remove("start");
  for (const picture of pictures) {
    if (picture.phase === "waiting") queue.add(picture);
    if (picture.failure?.kind === "away") whenReconnected(goOn);
  }
  select(pictures[0]);
  if (!gallery.isOpen) strip.focus(pictures[0]);
  const [{ name }] = pictures;
  say(pictures.length === 1 ? tr("{name} is back", { name }) : tr("{count} pictures are back", { count: pictures.length }));
}

/** Shows in the form what is chosen of the picture that is worked on, or of those that are meant in the grid. */
function showForm() {
  const meant = gallery.isOpen ? gallery.meant : [editor.picture].filter(Boolean);
  if (meant.length) showChoices(meant[0]);
  quality.show(meant[0]);
  saving.show(meant, gallery.isOpen);
  one("#show-all").hidden = collection.all.length < 2;
  one("#for-all").hidden = collection.all.length < 2 || (gallery.isOpen && meant.length < 2);
  one("#for-all").textContent = gallery.hasSelected ? tr("Use this for the selected ones") : tr("Use this for all pictures");
  one("#for-all").disabled = !meant[0] || meant[0].phase !== "done";
}

function showChoices(picture) {
  panel.show(picture.settings);
  sizing.show(picture);
  background.show(picture);
}

function useForAll() {
  const [first] = gallery.isOpen ? gallery.meant : [editor.picture];
  const others = (gallery.isOpen ? gallery.meant : collection.all).filter((picture) => picture !== first);
  const step = gallery.give(others, first);
  const isAll = others.length + 1 === collection.all.length;
  const words = isAll
    ? tr("All pictures have this background, shadow, outline, crop, size, place and number of subjects now.")
    : tr("The selected pictures have this background, shadow, outline, crop, size, place and number of subjects now.");
  showNotice(words, {
    action: { label: tr("Undo"), run: () => gallery.takeBack(step) },
    lasts: 20_000,
  });
}
