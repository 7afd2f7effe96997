/** Exports results: saves them as files, shares or copies them. */

const KEPT = 60_000; // milliseconds until a saved file's address is given up

/** Whether this browser lets the page copy a picture: only over https, or on the machine itself. */
export function canCopy() {
  return Boolean(globalThis.ClipboardItem && navigator.clipboard?.write);
}

/** Copies a picture's result as a PNG. */
export async function copy(picture) {
  const result = picture.result("png"); // not awaited: some browsers copy only within the click itself
  result.catch(() => {}); // it is thrown by what awaits it
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": result })]);
  } catch (error) {
    await result; // where that failed, its own error says more
    throw error;
  }
}

/** Whether this browser shares files with the device's other apps, and that is usual on it: on phones and tablets. */
export function canShare() {
  const file = new File([""], "picture.png", { type: "image/png" });
  return matchMedia("(pointer: coarse)").matches && Boolean(navigator.canShare?.({ files: [file] }));
}

/** Offers a file to the device's other apps; nothing happens where somebody thinks better of it. */
export async function share(blob, name) {
  try {
    await navigator.share({ files: [new File([blob], name, { type: blob.type })] });
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

/** Has the browser save a file under this name. */
export function offer(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT);
}
