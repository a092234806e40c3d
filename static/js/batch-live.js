// Pictures that the page has already are not put in a second time, wherever they come from.
function drop(fragment) {
  for (const tile of [...(fragment.querySelectorAll?.('.tile[id^="shot-"]') ?? [])]) {
    if (document.getElementById(tile.id)) tile.remove();
  }
}

document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (detail.target.id === "pictures") drop(detail.fragment);
});
