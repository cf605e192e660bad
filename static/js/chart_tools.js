// The tools of every chart, whether the browser draws it or the server did: its files, and the key that shows tables.

const escapeCell = (text) => {
  const plain = text.replace(/[\u0000\ufeff]/g, "").replace(/\s+/g, " ").trim();
  const isNumber = /^(?:[-−]?[\d,.]+%?|[%％])$/.test(plain); // a per cent sign by itself is a unit
  const safe = !isNumber && /^[=+\-@|%＝＋－＠｜％]/.test(plain) ? `'${plain}` : plain.replace(/^−(?=\d)/, "-");
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export function save(content, name) {
  const link = Object.assign(document.createElement("a"), { href: content, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

export function saveFile(blob, name) {
  const url = URL.createObjectURL(blob);
  save(url, name);
  URL.revokeObjectURL(url);
}

const shown = (cell) => cell.dataset.value ?? (cell.innerText || cell.textContent);

// A cell that spans others stands once, with empty ones behind it, so that columns keep their heads.
export function saveTable(table, name, said = shown) {
  const grid = [];
  [...table.rows].forEach((row, y) => {
    grid[y] ??= [];
    for (const cell of row.cells) {
      let x = 0;
      while (grid[y][x] !== undefined) x += 1;
      for (let down = 0; down < cell.rowSpan; down += 1) {
        for (let right = 0; right < cell.colSpan; right += 1) (grid[y + down] ??= [])[x + right] = down || right ? "" : escapeCell(said(cell));
      }
    }
  });
  const lines = grid.map((row) => Array.from(row, (cell) => cell ?? "").join(","));
  saveFile(new Blob([`\ufeff${lines.join("\r\n")}\r\n`], { type: "text/csv;charset=utf-8" }), `${name}.csv`);
}

// What a heading says, as the name of a file.
export const fileName = (text) => text.replace(/[\\/:*?"<>|\u0000-\u001f]+/g, " ").trim().replace(/\s+/g, "-").slice(0, 80);

document.addEventListener("keydown", (event) => {
  if (event.key !== "t" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (document.documentElement.dataset.keys === "off") return;
  if (event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select") || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  const buttons = [...document.querySelectorAll('.chart-tools [data-tool="table"]')];
  const isOpen = (button) => button.getAttribute("aria-pressed") === "true";
  const areAll = buttons.every(isOpen);
  for (const button of buttons) if (isOpen(button) === areAll) button.click();
});
