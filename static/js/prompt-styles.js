// [data-applies] sets the style's parameters through the panel's own controls, so the studio writes the text; links with
// [data-with-text] take along what stands in the box.
const form = document.getElementById("prompt-form");
const box = document.getElementById("prompt-text");

function set(wrapper, name, value) {
  const controls = [...wrapper.querySelectorAll(`[name="${name}"]`)];
  const [first] = controls;
  if (first.type === "checkbox") first.checked = Boolean(value);
  else if (first.type === "radio") {
    const own = controls.find((radio) => radio.closest("[data-own]"));
    const match = controls.find((radio) => radio.value === value && radio !== own) ?? own ?? first;
    if (match === own) own.value = value;
    match.checked = true;
  } else {
    if (first.nodeName === "SELECT" && ![...first.options].some((option) => option.value === value)) first.add(new Option(value, value));
    first.value = value;
  }
  first.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const style = event.target.closest("[data-applies]");
  if (style && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    for (const [name, value] of Object.entries(JSON.parse(style.dataset.applies))) {
      const wrapper = form.querySelector(`[data-control="${name}"]`);
      if (wrapper) set(wrapper, name, value);
    }
    style.closest("[popover]")?.hidePopover();
    box.focus();
  }
  const link = event.target.closest("[data-with-text]");
  if (link) link.search = `?${new URLSearchParams({ [link.dataset.withText]: box.value })}`;
});
