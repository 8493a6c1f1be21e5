// Sets the stored theme before the first paint, so that a page never flashes in the other one.
// A file of its own, not inline, because the content security policy allows no inline script.
(() => {
  try {
    const stored = localStorage.getItem("almanac.theme");
    if (stored === "light" || stored === "dark") document.documentElement.dataset.theme = stored;
  } catch {
    // Storage is switched off: the system's theme is used.
  }
})();
