/** The texts for errors and for a confidence. */

import { msg, percent, tr } from "./language.js";

const FAILURES = {
  away: [msg("The server can't be reached"), msg("Your pictures are kept here, and go on by themselves when it is back.")],
  "broken-off": [msg("The server broke off"), msg("It stopped reading this picture. Perhaps the file is larger than it takes.")],
  busy: [msg("The server is busy"), msg("It refused this picture several times. Try again in a while.")],
  broken: [msg("Something went wrong on the server"), msg("Try again; if it stays like this, whoever runs the server can look.")],
  crashed: [msg("Something went wrong in this browser"), msg("Your pictures are kept here. Try again; if it stays like this, load the page anew.")],
  empty: [msg("No subject found"), msg("This picture looks like all background. Click on the subject, or mark it with the brush.")],
  foreign: [msg("Not a picture"), msg("Photos can be JPEG, PNG, WebP, AVIF, TIFF, GIF or BMP, and HEIC on some servers.")],
  gone: [msg("The file can't be read any more"), msg("It was moved, changed or deleted. Add it again.")],
  incomplete: [msg("Not all of it has arrived"), msg("A file that this page needs was loaded only in part. Your pictures are kept here; try again, and it is loaded anew.")],
  large: [msg("Too large for this server"), msg("Make the picture smaller and add it again.")],
  memory: [msg("Not enough memory"), msg("This browser has no memory left for this picture. Close other tabs or make it smaller, and try again.")],
  refused: [msg("This file can't be used"), msg("It seems to be damaged, or no picture of a known kind.")],
  slow: [msg("This took too long"), msg("The server gave up on this picture. Try again, or make it smaller.")],
  unsupported: [msg("This browser can't do it"), msg("It lacks WebAssembly with SIMD; Chrome and Firefox have that since 2021, Safari since 2023.")],
  token: [msg("A token is needed"), msg("This server works only for those who have one.")],
};

const AGAIN = new Set(["away", "broken-off", "broken", "busy", "crashed", "incomplete", "memory", "slow", "token"]);

const NO_DETAIL = new Set(["busy", "empty", "token"]); // whose own words say all
const OF_OPERATORS = /--|\bmax-|\blog\b/; // flags and files of whoever runs the server

/** `{ title, text, detail, again }` of a failure: `detail` is what a server says, `again` whether to retry. */
export function ofFailure(failure) {
  const [title, text] = FAILURES[failure.kind] ?? FAILURES.broken;
  const detail = NO_DETAIL.has(failure.kind) || failure.isLocal ? "" : factOf(failure.message);
  return { title: tr(title), text: tr(text), detail, again: AGAIN.has(failure.kind) };
}

/** The fact in a server's message: its advice, after a semicolon, is for programs and for whoever runs the server. */
function factOf(message) {
  const fact = message.split(/;\s/)[0].replace(/^(image|background|mask|video|cutout\.\w+): /, "");
  return OF_OPERATORS.test(fact) ? "" : fact;
}

/** A failure in one line. */
export function lineOf(failure) {
  const { title, detail } = ofFailure(failure);
  return detail ? `${title}: ${detail}.` : `${title}.`;
}

/** How sure the server is of a picture's cut, in words. */
export function ofConfidence({ cut: { confidence }, isUnsure, edits }) {
  if (confidence === null) return edits.history.canUndo ? tr("Marked by hand") : tr("Nothing is chosen yet");
  const sure = tr("{percent} sure", { percent: percent(confidence) });
  if (isUnsure) return tr("Unsure of the subject, {sure}: look it over, choose what stays, or mend it with the brushes", { sure });
  if (confidence >= 0.9) return sure;
  return confidence >= 0.75 ? tr("{sure}: look at the edges", { sure }) : tr("{sure}: look it over, the brushes can mend it", { sure });
}

/** What the server does for a picture that is being worked on, in words. */
export function ofWork({ edits }) {
  return edits.finding ? tr("Cutting out what you chose") : tr("Refining the edges");
}

/** A text with a capital letter at its beginning. */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What is happening to a picture, in words. */
export function ofPhase(picture) {
  switch (picture.phase) {
    case "waiting":
      return tr("Waiting");
    case "loading":
      return tr("Loading, {percent}", { percent: percent(picture.share) });
    case "sending":
      return tr("Sending, {percent}", { percent: percent(picture.share) });
    case "cutting":
      return tr("Cutting out");
    case "receiving":
      return tr("Almost there");
    case "paused":
      return tr("Server busy, again in {seconds} s", { seconds: picture.wait });
    case "done":
      return picture.isUnsure ? tr("Unsure") : tr("Done");
    default:
      return ofFailure(picture.failure).title;
  }
}
