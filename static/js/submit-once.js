// A form on its way is not sent a second time. Nothing is disabled or emptied, so no typed text is ever lost, and the
// form can be sent again once there is an answer, the page comes back, or ten seconds have passed. A form of several
// [data-press] buttons holds back the one that was pressed, not the others.
const PATIENCE = 10000;

function release(form) {
  if (!form?.dataset.sending) return;
  delete form.dataset.sending;
  form.querySelectorAll("[aria-disabled='true'][data-held]").forEach((button) => {
    button.removeAttribute("aria-disabled");
    delete button.dataset.held;
  });
}

function hold(event) {
  const form = event.target;
  if (form.method === "dialog" || form.method === "get") return;
  const isOther = event.submitter?.matches("[data-press]:not([data-held])");
  if (form.dataset.sending && !isOther) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sending = "yes";
  const button = event.submitter;
  if (button) {
    button.setAttribute("aria-disabled", "true"); // `disabled` would take its name and value out of the request
    button.dataset.held = "yes";
  }
  setTimeout(() => {
    if (event.defaultPrevented && !form.closest("[hx-post], [hx-put], [hx-delete], [hx-patch]")) release(form);
  });
  setTimeout(() => release(form), PATIENCE);
}

document.addEventListener("submit", hold, true);
document.addEventListener("htmx:afterRequest", (event) => release(event.target.closest?.("form")));
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(release));
