// Grids of numbers move and take pasted cells like a sheet; without this they are plain forms.

const CELLS = "td > input:not([type=hidden])";

const rowsOf = (form) => [...form.querySelectorAll("tbody tr")]
  .map((row) => [...row.querySelectorAll(CELLS)])
  .filter((cells) => cells.length);

function placeOf(form, cell) {
  const rows = rowsOf(form);
  const down = rows.findIndex((cells) => cells.includes(cell));
  return { rows, down, across: rows[down]?.indexOf(cell) ?? -1 };
}

function go(cell) {
  if (!cell) return;
  cell.focus();
  cell.select();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// Left and right leave a cell only where the caret cannot move further, or nothing was typed yet.
function mayLeave(cell, step) {
  const whole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
  return whole || (step < 0 ? cell.selectionEnd === 0 : cell.selectionStart === cell.value.length);
}

function move(form, event) {
  const cell = event.target;
  if (!cell.matches?.(CELLS) || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const { rows, down, across } = placeOf(form, cell);
  let next = null;
  if (event.key === "ArrowDown" || (event.key === "Enter" && !event.shiftKey)) next = rows[down + 1]?.[across];
  else if (event.key === "ArrowUp" || event.key === "Enter") next = rows[down - 1]?.[across];
  else if (event.shiftKey) return;
  else if (event.key === "ArrowLeft" && mayLeave(cell, -1)) next = rows[down][across - 1];
  else if (event.key === "ArrowRight" && mayLeave(cell, 1)) next = rows[down][across + 1];
  else if (event.key === "F2") { event.preventDefault(); cell.setSelectionRange(cell.value.length, cell.value.length); return; }
  else if (event.key === "Escape") { cell.value = cell.defaultValue; mark(cell); cell.select(); return; }
  else return;
  if (event.key === "Enter" || next) event.preventDefault();
  go(next);
}

export function mark(cell) {
  cell.toggleAttribute("data-changed", cell.value.trim() !== cell.defaultValue);
}

// The lines and cells of a copied block. A spreadsheet ends every line alike: a column that is empty throughout at the
// end is none.
export function blockOf(text) {
  const lines = text.replace(/[\r\n]+$/, "").split(/\r\n|\r|\n/)
    .map((line) => line.split("\t").map((value) => value.trim().replace(/^"(.*)"$/, "$1")));
  while (lines[0].length > 1 && lines.every((cells) => cells.length === lines[0].length && !cells.at(-1))) {
    for (const cells of lines) cells.pop();
  }
  return lines;
}

function paste(form, event, done) {
  const cell = event.target;
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!cell.matches?.(CELLS) || !/[\t\n]/.test(text.replace(/[\r\n]+$/, ""))) return;
  event.preventDefault();
  const { rows, down, across } = placeOf(form, cell);
  const filled = [];
  let outside = 0;
  blockOf(text).forEach((line, y) => line.forEach((value, x) => {
    const target = rows[down + y]?.[across + x];
    if (!target) { outside += value ? 1 : 0; return; }
    filled.push({ cell: target, before: target.value });
    target.value = value;
    mark(target);
  }));
  done(filled, outside);
}

// `pasted` is told which cells a block filled, with what they held before, and how many numbers lay outside the table.
export function sheet(form, { pasted }) {
  form.addEventListener("keydown", (event) => move(form, event));
  form.addEventListener("paste", (event) => paste(form, event, pasted));
  form.addEventListener("input", (event) => { if (event.target.matches("input")) mark(event.target); });
  form.addEventListener("focusin", (event) => { if (event.target.matches(CELLS)) event.target.select(); });
  // What was typed is not lost by a click elsewhere.
  window.addEventListener("beforeunload", (event) => {
    if (!form.dataset.sent && form.querySelector("[data-changed]")) event.preventDefault();
  });
  form.addEventListener("submit", () => { form.dataset.sent = "true"; });
}
