/** Tiles dragged to another place by the mouse. */

const TYPE = "application/x-tile"; // of what is dragged, so that it isn't taken for files or text

/** Listens to a list of tiles: `begin(tile)` says whether one can be moved, `drop(tile, isAfter)` is where it goes. */
export function listenToDrags(list, { begin, drop }) {
  let over = null; // the tile that the line is at
  const show = (tile, isAfter) => {
    over?.classList.remove("before", "after");
    over = tile;
    tile?.classList.add(isAfter ? "after" : "before");
  };
  const isOurs = (event) => event.dataTransfer?.types.includes(TYPE);
  list.addEventListener("dragstart", (event) => {
    if (!begin(event.target)) return; // it may be dragged out of the page all the same
    event.dataTransfer.setData(TYPE, "");
    event.dataTransfer.effectAllowed = "copyMove";
  });
  list.addEventListener("dragover", (event) => {
    const tile = event.target.closest?.(".tile");
    if (!isOurs(event) || !tile) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    show(tile, isRightOf(event, tile));
  });
  list.addEventListener("drop", (event) => {
    const tile = event.target.closest?.(".tile");
    if (!isOurs(event) || !tile) return;
    event.preventDefault();
    drop(tile, isRightOf(event, tile));
  });
  list.addEventListener("dragend", () => show(null));
}

function isRightOf(event, tile) {
  const { left, width } = tile.getBoundingClientRect();
  return event.clientX > left + width / 2;
}
