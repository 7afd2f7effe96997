/** Sorts videos from the files that are added: they go to their own dialog, which is loaded with the first one. */

import { tr } from "../messages/language.js";
import { show as showNotice } from "../messages/notices.js";
import { facts } from "../service/facts.js";

const IS_VIDEO = /^video\//;
const SUFFIX = /\.(mp4|m4v|mov|webm|mkv|avi|mpe?g|m2ts|wmv|flv|ogv|3gp)$/i;
const ACCEPTED = ["video/*", ".mkv"]; // by the page's own inputs, where the server takes videos

/** Whether a file looks like a video by its type or its name: the server has the last word. */
export function looksLikeVideo(file) {
  return IS_VIDEO.test(file.type) || SUFFIX.test(file.name);
}

/** The other files; videos among them are taken to their dialog. */
export function withoutVideos(files) {
  const videos = files.filter(looksLikeVideo);
  if (videos.length) takeVideos(videos);
  return files.filter((file) => !videos.includes(file));
}

/** Lets videos be chosen with photos where the server takes them. */
export async function offerVideos() {
  if (!(await facts())?.video) return;
  const input = document.querySelector("#files");
  input.accept = [input.accept, ...ACCEPTED].join();
}

async function takeVideos(files) {
  const known = await facts();
  if (!known) return showNotice(tr("The server can't be reached"), { isError: true });
  if (known.static) return showNotice(tr("Videos need a server, and this page works without one. Photos work."), { isError: true });
  if (!known.video) {
    return showNotice(tr("This server takes photos only. Whoever runs it can switch videos on."), { isError: true });
  }
  const { add } = await import("./dialog.js");
  add(files);
}
