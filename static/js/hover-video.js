// Videos play, without sound, while the pointer or the focus is on their tile.
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

function play(tile) {
  if (calm.matches || tile.querySelector("video")) return;
  const picture = tile.querySelector("img");
  const video = document.createElement("video");
  Object.assign(video, { src: tile.href, muted: true, loop: true, playsInline: true, autoplay: true, poster: picture.currentSrc });
  Object.assign(video, { width: picture.width, height: picture.height });
  video.setAttribute("aria-hidden", "true");
  picture.after(video);
}

for (const [begin, end] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
  document.addEventListener(begin, (event) => {
    const tile = event.target.closest?.("a[data-video]");
    if (tile && event.pointerType !== "touch") play(tile);
  });
  document.addEventListener(end, (event) => {
    const tile = event.target.closest?.("a[data-video]");
    if (tile && !tile.contains(event.relatedTarget)) tile.querySelector("video")?.remove();
  });
}
