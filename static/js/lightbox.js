// Opens [data-lightbox] links large, with PhotoSwipe: all of the [data-gallery] around the link, by keys, swipe and zoom.
// Without it they open the file. lightbox-parts.js adds caption, download, the way to the job, and videos.
function slide(link) {
  const { width, height, kind, small, caption, job, actions } = link.dataset;
  const isVideo = kind === "video";
  return {
    src: link.href, msrc: link.querySelector("img")?.currentSrc, width: Number(width), height: Number(height),
    type: isVideo ? "video" : "image", small, alt: caption, caption, job, actions, link,
    element: link, // where the picture flies from and back to
  };
}

function links(gallery) {
  return [...gallery.querySelectorAll("[data-lightbox]")];
}

function open(link) {
  const gallery = link.closest("[data-gallery]");
  const pswp = new window.PhotoSwipe({
    gallery, dataSource: links(gallery).map(slide),
    index: links(gallery).indexOf(link),
    bgOpacity: 1, showHideAnimationType: "zoom", showAnimationDuration: 150, hideAnimationDuration: 150,
    wheelToZoom: true, loop: false, preload: [1, 2], trapFocus: true, returnFocus: false,
    paddingFn: (viewport) => ({ top: 56, bottom: viewport.y > 500 ? 176 : 56, left: 0, right: 0 }),
    closeTitle: "Close", zoomTitle: "Zoom", arrowPrevTitle: "Previous", arrowNextTitle: "Next",
    errorMsg: "This picture could not be loaded.",
  });
  pswp.addFilter("thumbEl", (_, data) => data.link?.isConnected ? data.link.querySelector("img") : null);
  pswp.addFilter("placeholderSrc", (src, content) => content.data.msrc ?? src);
  pswp.on("change", () => {
    // Near the end the next part of an endless gallery is fetched.
    if (pswp.currIndex > pswp.getNumItems() - 4) gallery.querySelector("[data-older]")?.click();
  });
  const grow = () => {
    const before = pswp.getNumItems();
    pswp.options.dataSource = links(gallery).map(slide);
    if (pswp.getNumItems() === before) return;
    pswp.refreshSlideContent(before); // at the end, the next one was an empty place until now
    pswp.dispatch("change"); // counter and arrows
  };
  document.addEventListener("htmx:afterSettle", grow);
  pswp.on("close", () => {
    document.removeEventListener("htmx:afterSettle", grow);
    const last = pswp.currSlide.data.link; // where one has got to, not where one began
    pswp.on("destroy", () => last?.focus());
  });
  document.dispatchEvent(new CustomEvent("lightbox", { detail: pswp }));
  pswp.init();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-lightbox]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !window.PhotoSwipe) return;
  event.preventDefault();
  open(link);
});
