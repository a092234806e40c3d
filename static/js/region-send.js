// Sends what is painted as a picture with the form. A refusal leaves the painting as it is; a reload brings it back.
const form = document.getElementById("region");
const KEY = `studio-region-${form.dataset.job}`;
let mask = null;
let share = 0;
let isSent = false;

async function blob() {
  return mask.convertToBlob({ type: "image/png" });
}

async function keep() {
  if (!share) return sessionStorage.removeItem(KEY);
  const reader = new FileReader();
  reader.onload = () => { try { sessionStorage.setItem(KEY, reader.result); } catch { /* full: the painting still stands */ } };
  reader.readAsDataURL(await blob());
}

let timer = 0;
document.addEventListener("region:changed", ({ detail }) => {
  ({ mask, share } = detail);
  clearTimeout(timer);
  timer = setTimeout(keep, 400);
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  const body = new FormData(form);
  body.delete("mask");
  if (share) body.set("mask", await blob(), "mask.png");
  const button = document.getElementById("region-submit");
  button.setAttribute("aria-disabled", "true");
  try {
    const response = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    const target = response.headers.get("HX-Redirect");
    if (target) {
      isSent = true;
      clearTimeout(timer);
      sessionStorage.removeItem(KEY);
      window.location.assign(target);
    } else if (response.status === 422) document.getElementById("region-problems").outerHTML = await response.text();
    else document.dispatchEvent(new CustomEvent("toast", { detail: { text: "Something went wrong in the studio. Your painting is still here.", tone: "danger" } }));
  } catch {
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: "The studio did not answer. Your painting is still here.", tone: "danger" } }));
  }
  button.removeAttribute("aria-disabled");
}, true);

window.addEventListener("beforeunload", (event) => { if (share && !isSent) event.preventDefault(); });

const stored = sessionStorage.getItem(KEY);
if (stored) {
  const picture = new Image();
  picture.onload = () => document.dispatchEvent(new CustomEvent("region:restore", { detail: picture }));
  picture.src = stored;
}
