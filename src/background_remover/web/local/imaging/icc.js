/** The ICC profile in a picture's file, and what it is good for. */

const NONE = { profile: null, isSrgb: false, converts: false, keeps: false };

/**
 * Return what a file's profile says: `{ profile, isSrgb, converts, keeps }`.
 *
 * `profile` are its bytes or null; with `converts` its colours aren't sRGB, and with `keeps` a result can stay in its space.
 */
export async function spaceOf(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const profile = await profileOf(bytes).catch(() => null);
  if (!profile || profile.length < 132) return NONE;
  const text = ascii(profile, 0, profile.length);
  const isSrgb = /sRGB|s\0R\0G\0B/.test(text);
  const space = text.slice(16, 20);
  const isTwoWay = space === "RGB " && (/rXYZ/.test(text) || /B2A0/.test(text));
  return { profile, isSrgb, converts: !isSrgb, keeps: !isSrgb && isTwoWay };
}

function profileOf(bytes) {
  const view = new DataView(bytes.buffer);
  if (view.byteLength > 12 && view.getUint32(0) === 0x89504e47) return ofPng(bytes, view);
  if (view.byteLength > 12 && view.getUint16(0) === 0xffd8) return Promise.resolve(ofJpeg(bytes, view));
  if (view.byteLength > 12 && ascii(bytes, 0, 4) === "RIFF") return Promise.resolve(ofWebp(bytes, view));
  return Promise.resolve(null);
}

async function ofPng(bytes, view) {
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const length = view.getUint32(at);
    const kind = ascii(bytes, at + 4, 4);
    if (kind === "IDAT") return null;
    if (kind !== "iCCP") continue;
    const data = bytes.subarray(at + 8, at + 8 + length);
    const packed = data.subarray(data.indexOf(0) + 2); // after the name and the kind of compression
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
  return null;
}

/** Of a JPEG the profile may lie in several segments. */
function ofJpeg(bytes, view) {
  const parts = [];
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; ) {
    const length = view.getUint16(at + 2);
    if (bytes[at + 1] === 0xe2 && ascii(bytes, at + 4, 11) === "ICC_PROFILE") {
      parts.push([bytes[at + 16], bytes.subarray(at + 18, at + 2 + length)]);
    }
    at += 2 + length;
  }
  parts.sort(([one], [other]) => one - other);
  return parts.length ? joined(parts.map(([, part]) => part)) : null;
}

function ofWebp(bytes, view) {
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    if (ascii(bytes, at, 4) === "ICCP") return bytes.slice(at + 8, at + 8 + length);
    at += 8 + length + (length % 2);
  }
  return null;
}

function joined(parts) {
  const made = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

function ascii(bytes, start, length) {
  return new TextDecoder("latin1").decode(bytes.subarray(start, start + length));
}
