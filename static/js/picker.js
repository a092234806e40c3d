// Opens the picker from [data-pick="slot"], and says what was chosen there with the event "picked": slot and references.
// The slot is any word that the page knows; an upload or a picture of the gallery is chosen once it is in the library.
const picker = document.getElementById("picker");
const body = document.getElementById("picker-body");
const loading = body.innerHTML; // what was shown the last time must not be pressed while it is replaced
let slot = "";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-pick]");
  if (opener) {
    event.preventDefault();
    slot = opener.dataset.pick;
    body.innerHTML = loading;
    picker.showModal();
    window.htmx.ajax("GET", opener.dataset.pickFrom ?? picker.dataset.from, { target: "#picker-body", swap: "innerHTML" });
    return;
  }
  const choice = event.target.closest("#picker [data-choose]");
  if (choice) tell([{ code: choice.dataset.choose, thumbnail: choice.dataset.thumbnail, name: choice.dataset.name }]);
});

function tell(references) {
  picker.close();
  document.dispatchEvent(new CustomEvent("picked", { detail: { slot, references } }));
}

// What was dropped or pasted on the page itself goes to where the page wants it by default.
document.addEventListener("reference:taken", ({ detail }) => {
  if (!picker.open) slot = picker.dataset.slot ?? "";
  tell(detail.references);
});
