// What the lightbox shows besides the picture: caption, download, the way to the job; and videos instead of pictures.
function addLink(pswp, name, words, order, href) {
  pswp.ui.registerElement({
    name, order, isButton: true, tagName: "a", title: words,
    html: { isCustomSVG: true, inner: ICONS[name], outlineID: `pswp-${name}` },
    onInit(element) {
      pswp.on("change", () => { element.href = href(pswp.currSlide.data); });
    },
  });
}

// Drawn like PhotoSwipe's own: filled, around the middle of a box of 32.
const ICONS = {
  download: '<path id="pswp-download" d="M14.6 8h2.8v6.6l2.8-2.8 1.9 1.9-6.1 6.1-6.1-6.1 1.9-1.9 2.7 2.8zM8 21.8h16v2.7H8z"/>',
  job: '<path id="pswp-job" d="M8 9h16v2.7H8zM8 14.7h16v2.6H8zM8 20.3h10V23H8z"/>',
};

// While older pictures are still to be loaded nobody knows how many there are; then it says only which one this is.
function addCounter(pswp) {
  pswp.ui.registerElement({
    name: "count", className: "pswp__counter", order: 5, isButton: false,
    onInit(element) {
      pswp.on("change", () => {
        const number = pswp.currIndex + 1;
        element.textContent = pswp.options.gallery.querySelector("[data-older]") ? number : `${number} / ${pswp.getNumItems()}`;
      });
    },
  });
}

// Below the picture: the caption, and room for what can be done with it, which lightbox-actions.js fills.
function addFooter(pswp) {
  pswp.ui.registerElement({
    name: "footer", className: "pswp__footer", order: 9, isButton: false, appendTo: "root",
    onInit(element) {
      const [caption, actions] = ["caption", "actions"].map((name) => Object.assign(document.createElement("div"), { className: `pswp__${name}` }));
      caption.setAttribute("aria-live", "polite");
      element.append(caption, actions);
      pswp.on("change", () => { caption.textContent = pswp.currSlide.data.caption ?? ""; });
    },
  });
}

function loadVideo(event) {
  const { content } = event;
  if (content.type !== "video") return;
  event.preventDefault();
  const video = document.createElement("video");
  Object.assign(video, { src: content.data.src, poster: content.data.small, controls: true, loop: true, playsInline: true });
  video.className = "pswp-video";
  content.element = video;
  content.state = "loaded";
}

document.addEventListener("lightbox", ({ detail: pswp }) => {
  pswp.on("contentLoad", loadVideo);
  pswp.on("contentActivate", ({ content }) => content.element?.play?.().catch(() => {}));
  pswp.on("contentDeactivate", ({ content }) => content.element?.pause?.());
  pswp.on("uiRegister", () => {
    pswp.element.setAttribute("aria-label", "Pictures");
    pswp.ui.uiElementsData = pswp.ui.uiElementsData.filter(({ name }) => name !== "counter");
    addCounter(pswp);
    addFooter(pswp);
    addLink(pswp, "job", "Open job", 7, (data) => data.job);
    addLink(pswp, "download", "Download", 8, (data) => `${data.src}?download=1`);
  });
});
