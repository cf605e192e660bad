// The grid of readings moves and takes pasted cells like a sheet; without this it is a plain form.

const form = document.querySelector("[data-readings]");
const said = form?.querySelector("[data-said]");

const rowsOf = () => [...form.querySelectorAll("tbody tr")]
  .map((row) => [...row.querySelectorAll("td > input")])
  .filter((cells) => cells.length);

function placeOf(cell) {
  const rows = rowsOf();
  const down = rows.findIndex((cells) => cells.includes(cell));
  return { rows, down, across: rows[down]?.indexOf(cell) ?? -1 };
}

function go(cell) {
  if (!cell) return false;
  cell.focus();
  cell.select();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

// Left and right leave a cell only where the caret cannot move further, or nothing was typed yet.
function mayLeave(cell, step) {
  const whole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
  return whole || (step < 0 ? cell.selectionEnd === 0 : cell.selectionStart === cell.value.length);
}

function move(event) {
  const cell = event.target;
  if (!cell.matches?.("td > input") || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const { rows, down, across } = placeOf(cell);
  let next = null;
  if (event.key === "ArrowDown" || (event.key === "Enter" && !event.shiftKey)) next = rows[down + 1]?.[across];
  else if (event.key === "ArrowUp" || event.key === "Enter") next = rows[down - 1]?.[across];
  else if (event.shiftKey) return;
  else if (event.key === "ArrowLeft" && mayLeave(cell, -1)) next = rows[down][across - 1];
  else if (event.key === "ArrowRight" && mayLeave(cell, 1)) next = rows[down][across + 1];
  else if (event.key === "Escape") { cell.value = cell.defaultValue; mark(cell); return; }
  else return;
  if (event.key === "Enter" || next) event.preventDefault();
  go(next);
}

function mark(cell) {
  cell.toggleAttribute("data-changed", cell.value.trim() !== cell.defaultValue);
}

function paste(event) {
  const cell = event.target;
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!cell.matches?.("td > input") || !/[\t\n]/.test(text.replace(/[\r\n]+$/, ""))) return;
  event.preventDefault();
  const { rows, down, across } = placeOf(cell);
  let filled = 0;
  let outside = 0;
  text.replace(/[\r\n]+$/, "").split(/\r\n|\r|\n/).forEach((line, y) => line.split("\t").forEach((value, x) => {
    const target = rows[down + y]?.[across + x];
    if (!target) { outside += value.trim() ? 1 : 0; return; }
    target.value = value.trim().replace(/^"(.*)"$/, "$1");
    mark(target);
    filled += 1;
  }));
  said.textContent = (outside ? form.dataset.outside : form.dataset.pasted).replace("{number}", outside || filled);
  said.classList.toggle("visually-hidden", !outside);
}

if (form) {
  form.addEventListener("keydown", move);
  form.addEventListener("paste", paste);
  form.addEventListener("input", (event) => { if (event.target.matches("td > input")) mark(event.target); });
  form.addEventListener("focusin", (event) => { if (event.target.matches("td > input")) event.target.select(); });
  // What was typed is not lost by a click elsewhere.
  window.addEventListener("beforeunload", (event) => {
    if (!form.dataset.sent && form.querySelector("[data-changed]")) event.preventDefault();
  });
  form.addEventListener("submit", () => { form.dataset.sent = "true"; });
}
