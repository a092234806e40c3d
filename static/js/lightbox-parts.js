// What the lightbox shows besides the picture: caption, download, the way to the job; and videos instead of pictures.
function addLink(pswp, name, words, order, href) {
  pswp.ui.registerElement({
    name, order, isButton: true, tagName: "a", title: words,
    html: { isCustomSVG: true, size: 24, inner: ICONS[name], outlineID: `pswp-${name}` },
    onInit(element) {
      pswp.on("change", () => { element.href = href(pswp.currSlide.data); });
    },
  });
}

const ICONS = {
  download: '<path id="pswp-download" d="M16 7v12m-5-5 5 5 5-5M8 24h16" fill="none" stroke="#fff" stroke-width="1.75"/>',
  job: '<path id="pswp-job" d="M9 10h14M9 16h14M9 22h9" fill="none" stroke="#fff" stroke-width="1.75"/>',
};

function addCaption(pswp) {
  pswp.ui.registerElement({
    name: "caption", order: 9, isButton: false, appendTo: "root",
    onInit(element) {
      element.setAttribute("aria-live", "polite");
      pswp.on("change", () => { element.textContent = pswp.currSlide.data.caption ?? ""; });
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
    addCaption(pswp);
    addLink(pswp, "job", "Open job", 7, (data) => data.job);
    addLink(pswp, "download", "Download", 8, (data) => `${data.src}?download=1`);
  });
});
