/** Decodes a picture's file to the very bytes that are in it: not multiplied by its alpha, upright, in sRGB or in its own space. */

import { LocalFailure } from "../failure.js";
import { sharing } from "../threads.js";
import { spaceOf } from "./icc.js";

const MOST_MEGAPIXELS = 250;

/**
 * Return a picture: `{ image, opacity, native, icc }`.
 *
 * `image` are bytes of RGBA in sRGB, an array `{ data, height, width, channels }` whose alpha is to be ignored, `opacity`
 * the file's own alpha, a plane in [0, 1], or null where all is opaque, `native` the same as `image` in the space of
 * the profile `icc`, or null where that is sRGB. Throws `LocalFailure`.
 */
export async function decode(blob, name = "image") {
  const icc = await spaceOf(blob);
  const image = await pixels(blob, icc.converts ? "default" : "none", name);
  const native = icc.keeps ? await pixels(blob, "none", name) : null;
  return { image, opacity: opacityOf(image), native, icc: icc.keeps ? icc.profile : icc.isSrgb ? icc.profile : null };
}

async function pixels(blob, colorSpaceConversion, name) {
  const options = { premultiplyAlpha: "none", colorSpaceConversion, imageOrientation: "from-image" };
  const bitmap = await createImageBitmap(blob, options).catch(() => {
    throw new LocalFailure("refused", `${name}: no picture that this browser can read`);
  });
  try {
    const { height, width } = bitmap;
    if (height * width > MOST_MEGAPIXELS * 1e6) {
      throw new LocalFailure("large", `${name}: ${width}x${height} is more than ${MOST_MEGAPIXELS} megapixels`);
    }
    return sharing({ data: bytesOf(bitmap), height, width, channels: 4 });
  } finally {
    bitmap.close();
  }
}

/** The bytes of a bitmap. A canvas keeps colours multiplied by the alpha, so that those of transparent pixels are read by WebGL. */
function bytesOf(bitmap) {
  const { height, width } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new LocalFailure("large", `${width}x${height} is more than this browser's canvas holds`);
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const bytes = new Uint8Array(data.buffer);
  return isOpaque(bytes) ? bytes : (byWebgl(bitmap) ?? bytes);
}

function isOpaque(bytes) {
  const words = new Uint32Array(bytes.buffer);
  for (let at = 0; at < words.length; at += 1) if (words[at] < 0xff000000) return false; // little-endian: the alpha is highest
  return true;
}

function byWebgl(bitmap) {
  const { height, width } = bitmap;
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (!gl || Math.max(height, width) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) return null;
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  const texture = gl.getParameter(gl.TEXTURE_BINDING_2D);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  const bytes = new Uint8Array(height * width * 4);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  const failed = gl.getError() !== gl.NO_ERROR;
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return failed ? null : bytes;
}

function opacityOf({ data, height, width }) {
  if (isOpaque(data)) return null;
  const made = new Float32Array(height * width);
  for (let at = 0; at < made.length; at += 1) made[at] = data[at * 4 + 3] / 255;
  return { data: made, height, width, channels: 1 };
}
