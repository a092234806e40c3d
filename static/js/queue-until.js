// Keeps the words of [data-until] true as time goes by: "in about 4 min" becomes "in about 3 min". Later ones name a clock time.
const page = document.querySelector("[data-now]");
const ahead = page ? Date.now() - Date.parse(page.dataset.now) : 0;

setInterval(() => {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-until]")) {
    const seconds = (Date.parse(time.dateTime) - Date.now() + ahead) / 1000;
    if (seconds >= 3600) continue;
    const text = seconds < 45 ? "any moment now" : `in about ${Math.max(1, Math.round(seconds / 60))} min`;
    if (time.textContent !== text) time.textContent = text;
  }
}, 5000);
