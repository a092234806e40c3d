// Shows a theme as soon as it is chosen; the form that holds [data-theme-choice] keeps it.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-theme-choice] input")) document.documentElement.dataset.theme = event.target.value;
});
