/** The worker of `encoding.js`: writes a bitmap as a file. */

addEventListener("message", async ({ data: { number, bitmap, how } }) => {
  try {
    const { type, quality, alpha = true } = how;
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d", { alpha }).drawImage(bitmap, 0, 0);
    bitmap.close();
    postMessage({ number, blob: await canvas.convertToBlob({ type, quality }) });
  } catch (error) {
    postMessage({ number, message: error.message });
  }
});
