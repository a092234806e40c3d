// Keeps the words of [data-until] true as time goes by: "in about 4 min" becomes "in about 3 min". Later ones name a clock time.
const page = document.querySelector("[data-now]");
const ahead = page ? Date.now() - Date.parse(page.dataset.now) : 0;

function words(seconds, about) {
  if (seconds < 10) return "any moment now";
  if (seconds < 55) return `in ${about} ${Math.max(10, Math.round(seconds / 10) * 10)} s`;
  return `in ${about} ${Math.max(1, Math.round(seconds / 60))} min`;
}

setInterval(() => {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-until]")) {
    const seconds = (Date.parse(time.dateTime) - Date.now() + ahead) / 1000;
    if (seconds >= 3600) continue;
    const text = words(seconds, time.dataset.until);
    if (time.textContent !== text) time.textContent = text;
  }
}, 5000);
