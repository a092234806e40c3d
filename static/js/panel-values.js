// Brings the values of an answer into the panel's controls, except those that are being changed right now, and hides
// the controls and choices that the chosen version does not know. A slider and its number show the same.
const form = document.getElementById("prompt-form");

function showRadios(wrapper, radios, { value, choices }) {
  const own = wrapper.querySelector("[data-own]"); // stands for any value that has no button of its own
  const known = radios.some((radio) => radio.value === value && radio.closest("label") !== own);
  if (own) own.hidden = known;
  if (own && !known) own.querySelector("span").textContent = own.querySelector("input").value = value;
  for (const radio of radios) {
    const label = radio.closest("label");
    radio.checked = radio.value === value && known === (label !== own);
    if (choices) label.hidden = !choices.includes(radio.value);
  }
}

function showVersion(select, value) {
  if (![...select.options].some((option) => option.value === value)) select.add(new Option(value, value));
  select.value = value;
}

function show(wrapper, state) {
  const controls = [...wrapper.querySelectorAll("[name]")];
  const [first] = controls;
  wrapper.hidden = !state.offered;
  if (first.type === "checkbox") first.checked = state.value;
  else if (first.type === "radio") showRadios(wrapper, controls, state);
  else if (first.nodeName === "SELECT") showVersion(first, state.value);
  else if (first !== document.activeElement) first.value = state.value;
  const slider = wrapper.querySelector("[data-slider-for]");
  if (!slider) return;
  Object.assign(slider, { min: state.low, max: state.high });
  if (slider !== document.activeElement) slider.value = state.value || slider.dataset.default;
}

document.addEventListener("prompt:checked", ({ detail }) => {
  for (const [name, state] of Object.entries(detail.panel)) {
    const wrapper = form.querySelector(`[data-control="${name}"]`);
    if (wrapper && !detail.except.has(name)) show(wrapper, state);
  }
});

form.addEventListener("input", (event) => {
  const number = document.getElementById(event.target.dataset.sliderFor ?? "");
  const slider = form.querySelector(`[data-slider-for="${CSS.escape(event.target.id)}"]`);
  if (number) number.value = event.target.value;
  else if (slider) slider.value = event.target.value || slider.dataset.default;
}, true);
