// References of the prompt: a chosen picture gets a role, a chip's button takes it out again. Both go through the panel's
// own control of that role, so the studio writes the text, and the text stays the truth.
const form = document.getElementById("prompt-form");
const roles = document.getElementById("roles");
let chosen = [];

function control(name) {
  return form.querySelector(`[data-control="${name}"] [name="${name}"]`);
}

function write(name, values) {
  const input = control(name);
  input.value = values.join(" ");
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function values(name) {
  return control(name).value.split(/\s+/).filter(Boolean);
}

document.addEventListener("click", (event) => {
  const remove = event.target.closest("[data-remove-from]");
  if (remove) {
    const rest = values(remove.dataset.removeFrom);
    const at = rest.indexOf(remove.dataset.value);
    if (at >= 0) rest.splice(at, 1);
    write(remove.dataset.removeFrom, rest);
    document.getElementById("prompt-text").focus();
  }
  const role = event.target.closest("#roles [data-role]");
  if (!role) return;
  const most = Number(role.dataset.most);
  const name = role.dataset.controlName;
  const all = [...values(name), ...chosen.map(({ code }) => `ref:${code}`)];
  write(name, most ? all.slice(-most) : [...new Set(all)]);
  roles.close();
});

document.addEventListener("picked", ({ detail }) => {
  if (detail.slot !== "prompt") return;
  chosen = detail.references;
  const allowed = document.querySelector("[data-roles]").dataset.roles.split(" ");
  for (const button of roles.querySelectorAll("[data-role]")) button.hidden = !allowed.includes(button.dataset.role);
  document.getElementById("roles-what").textContent = chosen.map(({ name }) => name || "Picture").join(", ");
  roles.showModal();
});
