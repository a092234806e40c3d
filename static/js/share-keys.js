// Arrow keys lead to the picture before and after, on pages that link to them with rel="prev" and rel="next".
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, video, [contenteditable]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  if (rel) document.querySelector(`main a[rel="${rel}"]`)?.click();
});
