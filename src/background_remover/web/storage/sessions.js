/** The other tabs that have the page open: their pictures aren't offered elsewhere. */

const PATIENCE = 250; // milliseconds for the others to answer

/** The number of this tab's session. */
export const session = `${Date.now()}-${Math.random()}`;

const channel = globalThis.BroadcastChannel ? new BroadcastChannel("background-remover") : null;
channel?.addEventListener("message", ({ data }) => data === "who" && channel.postMessage({ session }));

/** The sessions of the other tabs, a set. */
export async function others() {
  const found = new Set();
  if (!channel) return found;
  const hear = ({ data }) => data.session && found.add(data.session);
  channel.addEventListener("message", hear);
  channel.postMessage("who");
  await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  channel.removeEventListener("message", hear);
  return found;
}
