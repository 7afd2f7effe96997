/**
 * Photos that another app has shared with the page: the server, or a static page's service worker, has put them into it, and
 * keeps nothing of them.
 */

/** The files that were shared, which are taken out of the page. */
export function sharedFiles() {
  const holders = [...document.querySelectorAll("template.shared")];
  if (!holders.length) return [];
  history.replaceState(null, "", "."); // loaded again, the page would be sent them once more
  return holders.map((holder) => {
    const bytes = Uint8Array.from(atob(holder.content.textContent), (letter) => letter.charCodeAt(0));
    holder.remove();
    return new File([bytes], holder.dataset.name || "photo.jpg", { type: "image/*" }); // of what kind its bytes say
  });
}
