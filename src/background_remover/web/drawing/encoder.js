/** The worker of `encoding.js`: writes a bitmap as a file. */

import { answer } from "./calls.js";

answer(({ bitmap, type }) => {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type });
});
