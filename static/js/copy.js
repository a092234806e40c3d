// [data-copy="text"] or [data-copy-from="id"]: copies to the clipboard and says so on the button for a moment.
async function copy(button) {
  const source = document.getElementById(button.dataset.copyFrom ?? "");
  const text = button.dataset.copy ?? source?.value ?? source?.textContent.trim() ?? "";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // No permission, or a plain http address: select the text so that the keyboard can copy it.
    source?.select?.();
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: "Copying is blocked here. Press Ctrl+C.", tone: "warn" } }));
    return;
  }
  const label = button.querySelector("[data-label]");
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: "Copied.", tone: "good" } }));
  if (!label || button.dataset.was) return;
  button.dataset.was = label.textContent;
  label.textContent = "Copied";
  setTimeout(() => {
    label.textContent = button.dataset.was;
    delete button.dataset.was;
  }, 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  event.preventDefault();
  copy(button);
});
