/** Downloads: one picture as a file, several as a ZIP, under names of a pattern; the ZIP with its progress. */

import { nameOf } from "./naming.js";
import { offer } from "./output.js";
import { fileSize, tr } from "../messages/language.js";
import { show as showNotice, showWork } from "../messages/notices.js";

const ZIP = "cutouts.zip";

/** Saves the results of these pictures of a collection: one as it is, several in a ZIP; whether that wasn't cancelled. */
export async function download(pictures, collection, format, pattern) {
  const entries = pictures.map((picture) => ({ picture, name: targetOf(picture, collection, format, pattern) }));
  if (entries.length > 1) return downloadAll(entries, format);
  offer(await entries[0].picture.result(format), entries[0].name);
  return true;
}

/** The name of a picture's file. */
export function targetOf(picture, collection, format, pattern) {
  const { all } = collection;
  return nameOf(pattern, format, { name: picture.name, index: all.indexOf(picture), count: all.length });
}

async function downloadAll(entries, format) {
  const stopping = new AbortController();
  const { signal } = stopping;
  const work = showWork(tr("Making the ZIP"), () => stopping.abort());
  const onStep = ({ done, count, bytes }) => {
    work.update(done / count, tr("{number} of {count}, {size}", { number: done, count, size: fileSize(bytes) }));
  };
  try {
    const { archive } = await import("./archive.js");
    const blob = await archive(entries, format, { signal, onStep });
    signal.throwIfAborted();
    offer(blob, ZIP);
    return true;
  } catch (error) {
    if (!signal.aborted) throw error;
    showNotice(tr("The ZIP is cancelled."));
    return false;
  } finally {
    work.end();
  }
}
