// The search dialog of every page: results as one types, the arrow keys go through them. Nothing typed is kept.

const PAUSE = 150;
const dialog = document.getElementById("search");

if (dialog) {
  const form = dialog.querySelector("[data-search-as-typed]");
  const field = form.elements.q;
  const found = document.getElementById("search-found");
  const said = dialog.querySelector("[data-search-said]");
  const teaching = found.innerHTML;
  let waiting = 0;
  let looked = "";

  const look = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const words = field.value.trim();
      if (words === looked) return;
      looked = words;
      if (words) window.htmx.trigger(form, "look");
      else { window.htmx.trigger(form, "htmx:abort"); found.innerHTML = teaching; said.textContent = ""; }
    }, PAUSE);
  };
  // While a word is being composed it is not yet what one looks for.
  field.addEventListener("input", (event) => { if (!event.isComposing) look(); });
  field.addEventListener("compositionend", look);

  found.addEventListener("htmx:beforeSwap", (event) => { if (!field.value.trim()) event.detail.shouldSwap = false; });
  found.addEventListener("htmx:afterSwap", () => {
    found.scrollTop = 0;
    said.textContent = found.querySelector("[data-said]")?.dataset.said ?? "";
  });
  // What was asked for and did not come is asked for again by the next letter.
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) form.addEventListener(name, () => { looked = ""; });

  form.addEventListener("submit", (event) => { if (!field.value.trim()) event.preventDefault(); });
  // A page that comes back from the browser's memory comes back without the dialog.
  window.addEventListener("pagehide", () => dialog.close());

  dialog.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    // Else the field would only be emptied by it.
    if (event.key === "Escape") { event.preventDefault(); dialog.close(); return; }
    const links = [...found.querySelectorAll("[data-found]")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = event.key === "ArrowDown" ? Math.min(at + 1, links.length - 1) : at - 1;
      (links[next] ?? field).focus();
    } else if (at >= 0 && (event.key.length === 1 || event.key === "Backspace")) field.focus();
  });
}

export function openSearch() {
  if (!dialog?.showModal) return false;
  if (!dialog.open) dialog.showModal();
  const field = dialog.querySelector("input");
  field.focus();
  field.select();
  return true;
}
