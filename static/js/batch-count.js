// Says how many lines a box holds, and when that is more than a batch may have.
const most = Number(document.getElementById("prompt-form").dataset.most);

function count(box) {
  const lines = box.value.split("\n").filter((line) => line.trim() && !line.trim().startsWith("#")).length;
  const words = lines ? `${lines.toLocaleString("en")} line${lines === 1 ? "" : "s"}${lines > most ? `: at most ${most.toLocaleString("en")} fit into one batch` : ""}.` : "";
  const place = document.querySelector(`[data-count-for="${box.dataset.count}"]`);
  if (place.textContent !== words) place.textContent = words;
}

for (const box of document.querySelectorAll("[data-count]")) {
  let timer = 0;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(count, 300, box);
  });
  count(box);
}
