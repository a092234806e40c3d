// Keyboard shortcuts, read from the table that the page shows under "?": each row has data-keys and either
// data-href (go there) or data-target (click or focus the element with that data-key). One may switch them off there.
const NEXT_KEY_WITHIN = 1200;
const OFF = "studio-keys-off";
let typed = "";
let timer = 0;

function isTyping(target) {
  return target.isContentEditable || target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select");
}

function act(row) {
  if (row.dataset.href) {
    window.location.assign(row.dataset.href);
    return;
  }
  const target = document.querySelector(`[data-key="${row.dataset.target}"]`);
  if (!target) return;
  if (target.matches("input:not([type=checkbox], [type=radio]), textarea, select")) target.focus();
  else target.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.key.length > 1 && !["Escape", "Delete"].includes(event.key)) return;
  if (event.key === "Escape" || isTyping(event.target) || document.querySelector("dialog[open]")) {
    typed = "";
    return;
  }
  const rows = [...document.querySelectorAll("[data-keys]")];
  if (localStorage.getItem(OFF) && event.key !== "?") return;
  clearTimeout(timer);
  const tries = [`${typed} ${event.key}`.trim(), event.key];
  const keys = tries.find((one) => rows.some((row) => row.dataset.keys === one || row.dataset.keys.startsWith(`${one} `)));
  const row = rows.find((one) => one.dataset.keys === keys);
  typed = keys && !row ? keys : "";
  timer = setTimeout(() => { typed = ""; }, NEXT_KEY_WITHIN);
  if (!row) return;
  event.preventDefault();
  act(row);
});

const choice = document.getElementById("keys-on");
if (choice) {
  choice.checked = !localStorage.getItem(OFF);
  choice.addEventListener("change", () => {
    if (choice.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  });
}
