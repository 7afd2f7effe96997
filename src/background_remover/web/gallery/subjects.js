/** Sets the number of subjects of many pictures at once: one undo step, also in each picture's history. */

import { msg, tr } from "../messages/language.js";
import { showFailure } from "../messages/notices.js";
import { lineOf } from "../messages/texts.js";
import { withSubjects } from "../picture/choice.js";

/** Has so many subjects cut out of pictures, but for those that were painted on; returns the step. */
export function giveSubjects(pictures, subjects) {
  const others = pictures.filter(({ version, edits }) => !version && edits.choice.subjects !== subjects);
  const entries = others.map((picture) => {
    const before = picture.edits.choice;
    return { picture, before, after: withSubjects(before, subjects), isWanted: false };
  });
  const give = () => entries.forEach(choose);
  give();
  return { undo: () => entries.forEach(takeBack), redo: give };
}

async function choose(entry) {
  const { picture, before, after } = entry;
  const { edits } = picture;
  entry.isWanted = true;
  await cutOut(picture);
  if (!entry.isWanted || picture.phase !== "done" || edits.choice !== before || picture.version) return;
  if (edits.history.next?.choice === after) edits.redo();
  else await chooseOne(picture, after);
}

async function chooseOne(picture, choice) {
  try {
    await picture.edits.choose(choice, msg("subjects"));
  } catch (error) {
    const words = `${picture.name}: ${tr("That couldn't be cut out.")} ${lineOf(error)}`;
    showFailure(words, error, () => chooseOne(picture, choice));
  }
}

/** Takes it back: by the picture's own history, if nothing was done since; a later choice or stroke stays. */
function takeBack(entry) {
  const { picture, before, after } = entry;
  const { edits, version } = picture;
  entry.isWanted = false;
  if (edits.choice !== after || version) return;
  if (edits.finding || edits.history.last?.choice === after) edits.undo();
  else chooseOne(picture, before);
}

/** Waits until a picture's first cut has come, or has failed. */
function cutOut(picture) {
  const hasEnded = () => ["done", "empty", "failed"].includes(picture.phase);
  return new Promise((resolve) => {
    const look = () => {
      if (!hasEnded()) return;
      picture.removeEventListener("change", look);
      resolve();
    };
    picture.addEventListener("change", look);
    look();
  });
}
