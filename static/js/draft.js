// Keeps half-typed text over a reload or a new sign-in in this tab; a text that the page brings along comes first.
const box = document.getElementById("prompt-text");
const KEY = `studio-draft-${box.form.dataset.owner}`;

function keep() {
  if (box.value) sessionStorage.setItem(KEY, box.value);
  else sessionStorage.removeItem(KEY);
}

box.addEventListener("input", keep);
document.addEventListener("prompt:checked", keep);
const draft = sessionStorage.getItem(KEY);
if (draft && !box.value) {
  box.value = draft;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}
