// Two pictures one over the other: the slider says how much of the first is shown.
const over = document.querySelector("[data-over]");
const slider = over?.querySelector("input");
const show = () => over.style.setProperty("--shown", `${slider.value}%`);
slider?.addEventListener("input", show);
if (over) show();
