/** What is said of a failure and of a confidence, in words. */

const FAILURES = {
  away: ["The server can't be reached", "Your pictures are kept here, and go on by themselves when it is back."],
  "broken-off": ["The server broke off", "It stopped reading this picture. Perhaps the file is larger than it takes."],
  busy: ["The server is busy", "It refused this picture several times. Try again in a while."],
  broken: ["Something went wrong on the server", "Try again; if it stays like this, whoever runs the server can look."],
  empty: ["No subject found", "This picture looks like all background. Click on the subject, or mark it with the brush."],
  foreign: ["Not a picture", "Photos can be JPEG, PNG, WebP, AVIF, TIFF, GIF or BMP, and HEIC on some servers."],
  gone: ["The file can't be read any more", "It was moved, changed or deleted. Add it again."],
  large: ["Too large for this server", "Make the picture smaller and add it again."],
  refused: ["This file can't be used", "It seems to be damaged, or no picture of a known kind."],
  slow: ["This took too long", "The server gave up on this picture. Try again, or make it smaller."],
  token: ["A token is needed", "This server works only for those who have one."],
};

const AGAIN = new Set(["away", "broken-off", "broken", "busy", "slow", "token"]);

const NO_DETAIL = new Set(["busy", "empty", "token"]); // whose own words say all
const OF_OPERATORS = /--|\bmax-|\blog\b/; // flags and files of whoever runs the server

/** `{ title, text, detail, again }` of a failure: `detail` is what the server says, `again` whether to retry. */
export function ofFailure(failure) {
  const [title, text] = FAILURES[failure.kind] ?? FAILURES.broken;
  const detail = NO_DETAIL.has(failure.kind) ? "" : factOf(failure.message);
  return { title, text, detail, again: AGAIN.has(failure.kind) };
}

/** The fact in a server's message: its advice, after a semicolon, is for programs and for whoever runs the server. */
function factOf(message) {
  const fact = message.split(/;\s/)[0].replace(/^(image|background|mask): /, "");
  return OF_OPERATORS.test(fact) ? "" : fact;
}

/** A failure in one line. */
export function lineOf(failure) {
  const { title, detail } = ofFailure(failure);
  return detail ? `${title}: ${detail}.` : `${title}.`;
}

/** How sure the server is of a picture's cut, in words. */
export function ofConfidence({ cut: { confidence }, isUnsure, edits }) {
  if (confidence === null) return edits.history.canUndo ? "Marked by hand" : "Nothing is chosen yet";
  const percent = `${Math.round(confidence * 100)} % sure`;
  if (isUnsure) return `Unsure of the subject, ${percent}: look it over, choose what stays, or mend it with the brushes`;
  if (confidence >= 0.9) return percent;
  return confidence >= 0.75 ? `${percent}: look at the edges` : `${percent}: look it over, the brushes can mend it`;
}

/** What the server does for a picture that is being worked on, in words. */
export function ofWork({ edits }) {
  return edits.finding ? "Cutting out what you chose" : "Refining the edges";
}

/** A text with a capital letter at its beginning. */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What is happening to a picture, in words. */
export function ofPhase(picture) {
  switch (picture.phase) {
    case "waiting":
      return "Waiting";
    case "sending":
      return `Sending, ${Math.round(picture.share * 100)} %`;
    case "cutting":
      return "Cutting out";
    case "receiving":
      return "Almost there";
    case "paused":
      return `Server busy, again in ${picture.wait} s`;
    case "done":
      return picture.isUnsure ? "Unsure" : "Done";
    default:
      return ofFailure(picture.failure).title;
  }
}
