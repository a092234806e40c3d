// Keeps the clocks of [data-since] running; the server is not asked for that.
function words(seconds) {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

// The server's clock may differ from this one; the page says what time it is there.
const page = document.querySelector("[data-now]");
const ahead = page ? Date.now() - Date.parse(page.dataset.now) : 0;

setInterval(() => {
  if (document.hidden) return;
  for (const clock of document.querySelectorAll("[data-since]")) {
    const text = words(Math.max(0, Math.round((Date.now() - ahead - Date.parse(clock.dataset.since)) / 1000)));
    if (clock.textContent !== text) clock.textContent = text;
  }
}, 1000);
