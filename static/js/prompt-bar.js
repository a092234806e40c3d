// The prompt box: grows with its text; Enter sends, Shift+Enter is a new line, Ctrl or Cmd+Enter sends and keeps the
// text. It is emptied only once the studio has the prompt. [data-fill] puts its text into the box.
const box = document.getElementById("prompt-text");
const form = document.getElementById("prompt-form");
let keeps = false;
let sent = null;

function fit() {
  if (CSS.supports("field-sizing", "content")) return;
  box.rows = 1;
  box.rows = Math.min(9, Math.max(1, Math.round(box.scrollHeight / Number.parseFloat(getComputedStyle(box).lineHeight))));
}

function put(text) {
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

box.addEventListener("input", fit);
document.addEventListener("prompt:checked", fit);
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.altKey || event.isComposing) return;
  event.preventDefault();
  keeps = event.ctrlKey || event.metaKey;
  if (!event.repeat) form.requestSubmit(document.getElementById("prompt-send"));
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target === form) sent = { text: box.value, keeps };
  if (event.target === form) keeps = false;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target !== form || !sent) return;
  const accepted = event.detail.xhr?.status === 200; // 422 counts as successful for htmx, since it is shown
  box.setAttribute("aria-invalid", event.detail.xhr?.status === 422 ? "true" : "false");
  if (accepted && (sent.keeps || box.value !== sent.text)) put(box.value);
  else if (accepted) put("");
  if (accepted) window.scrollTo({ top: 0 });
  sent = null;
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-fill]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  put(link.dataset.fill);
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
  window.scrollTo({ top: 0 });
});
fit();
