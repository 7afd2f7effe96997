/** The texts for a video's progress and errors. */

import { fileSize, msg, number, percent, tr } from "../messages/language.js";
import { ofFailure } from "../messages/texts.js";

const FAILURES = {
  away: [msg("The server can't be reached"), msg("Try again once it is back.")],
  busy: [msg("The server is busy"), msg("As many videos wait there as may. Try again in a while.")],
  invalid_image: [msg("This video can't be used"), msg("Convert it to MP4 (H.264, SDR), and add it again.")],
  invalid_option: [msg("This can't be made of the video"), msg("Choose something else.")],
  no_space: [msg("The server has no space left"), msg("Try again in a while.")],
  no_subject: [msg("No subject found"), msg("Every frame of this video looks like all background.")],
  not_found: [msg("The server has lost this video"), msg("It was started anew, perhaps. Try again.")],
  too_long: [msg("Too long for this server"), msg("Choose a part of it by From and To.")],
  too_many_bytes: [msg("Too large for this server"), msg("Make the video smaller or shorter, and add it again.")],
  too_many_pixels: [msg("Its frames are too large for this server"), msg("Make them smaller, as in 1080p, and add it again.")],
  unknown_format: [msg("Not a video"), msg("Videos can be MP4, MOV, WebM, MKV or AVI.")],
};
const WITH_DETAIL = ["invalid_image", "invalid_option", "too_long", "too_many_bytes", "too_many_pixels"]; // in the server's words

/** A failure of a video: `{ title, text, detail }`; `detail` is what the server says. */
export function ofVideoFailure(failure) {
  const [title, text] = FAILURES[failure.code] ?? FAILURES[failure.kind] ?? [];
  const general = ofFailure(failure);
  const detail = WITH_DETAIL.includes(failure.code) ? general.detail : "";
  return title ? { title: tr(title), text: tr(text), detail } : general;
}

/** What is happening to a video, in a few words. */
export function ofVideo(clip) {
  switch (clip.phase) {
    case "waiting":
      return tr("Waiting for the videos before it");
    case "sending":
      return tr("Sending");
    case "paused":
      return tr("Server busy, again in {seconds} s", { seconds: clip.wait });
    case "working":
      return clip.job.state === "waiting" ? tr("Waiting for the server") : tr("Cutting out");
    case "receiving":
      return tr("Almost there");
    case "done":
      return ofResult(clip.result);
    default:
      return "";
  }
}

/** How far a video is: `{ share, text }`; `share` is null where nobody knows it. */
export function progressOf(clip) {
  const { phase, share, job } = clip;
  if (phase === "sending") return { share, text: percent(share) };
  if (phase !== "working" || !job.frames) return { share: null, text: "" };
  const parts = [tr("{number} of {count} frames", { number: job.frames, count: job.frames_total })];
  if (job.frames_per_second) parts.push(tr("{rate} a second", { rate: job.frames_per_second }));
  if (job.seconds_left !== null) parts.push(tr("{time} left", { time: duration(job.seconds_left) }));
  return { share: job.frames / job.frames_total, text: parts.join(", ") };
}

function ofResult({ blob, unsure, frames }) {
  if (!unsure) return tr("Done, {size}", { size: fileSize(blob.size) });
  return tr("Done, unsure of the subject in {number} of {count} frames", { number: unsure, count: frames });
}

/** So many seconds, as minutes where they are many. */
function duration(seconds) {
  const [value, unit] = seconds < 90 ? [seconds, "second"] : [seconds / 60, "minute"];
  return number(Math.ceil(value), { style: "unit", unit, unitDisplay: "long" });
}
