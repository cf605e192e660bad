// The grid of health KPIs: a row is saved when one leaves it; a pasted block is shown first and then saved as a whole.

import { mark, sheet } from "./sheet.js";

const MOST_CHANGES = 8;
const form = document.querySelector("[data-sheet]");

if (form) {
  const preview = form.querySelector("[data-preview]");
  const words = form.dataset;
  let pasted = [];

  const cellsChanged = (row) => [...row.querySelectorAll("input[data-changed]")];

  const nameOf = (cell) => cell.getAttribute("aria-labelledby").split(" ")
    .map((id) => document.getElementById(id)?.firstChild?.textContent.trim() ?? "").join(" ");

  function show(filled, outside) {
    for (const one of filled) if (!pasted.some((known) => known.cell === one.cell)) pasted.push(one);
    const changes = pasted.filter(({ cell }) => cell.hasAttribute("data-changed"));
    preview.querySelector("[data-said]").textContent =
      (outside ? words.outside : words.pasted).replace("{number}", outside || changes.length);
    const lines = changes.slice(0, MOST_CHANGES).map(({ cell }) =>
      `${nameOf(cell)}: ${cell.defaultValue || words.empty} → ${cell.value || words.empty}`);
    if (changes.length > MOST_CHANGES) lines.push(words.more.replace("{number}", changes.length - MOST_CHANGES));
    preview.querySelector("[data-changes]").replaceChildren(...lines.map((line) => {
      const item = document.createElement("li");
      item.textContent = line;
      return item;
    }));
    preview.hidden = false;
    preview.scrollIntoView({ block: "nearest" });
  }

  function takeBack() {
    for (const { cell, before } of pasted) { cell.value = before; mark(cell); }
    const first = pasted[0]?.cell;
    pasted = [];
    preview.hidden = true;
    first?.focus();
  }

  sheet(form, { pasted: show });
  form.querySelector("[data-take-back]").addEventListener("click", takeBack);

  form.addEventListener("focusout", (event) => {
    const row = event.target.closest("tbody[hx-post]");
    if (!row || row.contains(event.relatedTarget) || form.contains(event.relatedTarget?.closest("[type=submit]") ?? null)) return;
    if (preview.hidden && cellsChanged(row).length) row.dispatchEvent(new Event("save"));
  });

  // Only what belongs to the row is sent with it.
  form.addEventListener("htmx:configRequest", (event) => {
    const row = event.target;
    if (!row.matches("tbody")) return;
    const own = new Set([...row.querySelectorAll("input")].map((input) => input.name));
    for (const name of [...event.detail.formData.keys()]) {
      if (!own.has(name) && !name.startsWith("columns-") && name !== "csrfmiddlewaretoken") event.detail.formData.delete(name);
    }
    for (const input of row.querySelectorAll("input")) input.dataset.went = input.value;
  });

  // What was typed into a row while it was on its way is typed into the one that comes back.
  const later = new Map();
  form.addEventListener("htmx:beforeSwap", (event) => {
    const row = event.target;
    if (!row.matches("tbody")) return;
    const focused = row.contains(document.activeElement) ? document.activeElement.name : "";
    const typed = [...row.querySelectorAll("input[data-went]")].filter((input) => input.value !== input.dataset.went);
    later.set(row.id, { focused, typed: typed.map((input) => [input.name, input.value]) });
  });
  form.addEventListener("htmx:load", (event) => {
    const row = event.target;
    const kept = later.get(row.id);
    if (!kept) return;
    later.delete(row.id);
    const cellOf = (name) => row.querySelector(`[name="${CSS.escape(name)}"]`);
    for (const [name, value] of kept.typed) {
      const cell = cellOf(name);
      if (cell) { cell.value = value; mark(cell); }
    }
    if (kept.focused) cellOf(kept.focused)?.focus();
  });
}
