// The tool buttons, zoom, and how much of the picture is painted, in words.
const stage = document.getElementById("region-stage");
const size = document.getElementById("region-size");
const erase = document.getElementById("region-erase");
const words = document.getElementById("region-share");

document.addEventListener("click", ({ target }) => {
  const tool = target.closest("[data-tool]");
  if (tool) {
    for (const each of document.querySelectorAll("[data-tool]")) each.setAttribute("aria-pressed", each === tool ? "true" : "false");
    stage.focus({ preventScroll: true });
  }
  if (target.closest("#region-erase")) {
    erase.setAttribute("aria-pressed", erase.getAttribute("aria-pressed") === "true" ? "false" : "true");
    stage.focus({ preventScroll: true });
  }
  const step = target.closest("[data-size]");
  if (step) {
    size.value = Number(size.value) + 2 * Number(step.dataset.size);
    size.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const does = target.closest("[data-do]");
  if (does) document.dispatchEvent(new CustomEvent("region:do", { detail: does.dataset.do }));
});

document.getElementById("region-zoom").addEventListener("input", ({ target }) => stage.style.setProperty("--zoom", target.value));

document.addEventListener("region:changed", ({ detail }) => {
  const percent = detail.share * 100;
  const shown = percent > 0 && percent < 1 ? "Less than 1" : Math.round(percent);
  let hint = "";
  if (detail.share === 1) hint = ": leave something as it is";
  else if (percent > 50) hint = ": more than a half rarely fits in";
  else if (percent > 0 && percent < 1) hint = ": very little, it may not be noticed";
  words.textContent = percent ? `${shown} % of the picture${hint}` : "Nothing painted yet";
  words.dataset.tone = hint ? "warn" : "plain";
  document.querySelector("[data-do=undo]").disabled = !detail.canUndo;
  document.querySelector("[data-do=redo]").disabled = !detail.canRedo;
});
