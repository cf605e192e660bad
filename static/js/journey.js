// A customer journey is filled in like a sheet: every cell is saved by itself, a pasted block as a whole. Without this
// each phase has a form.

const table = document.querySelector("[data-journey]");
const CELL = "[data-edit]";
const DEEPEST_UNDO = 50;

// On a phone one phase is shown at a time: led to a cell, its phase is.
function choosePhase() {
  const cell = document.getElementById(location.hash.slice(1))?.closest(".jcell, .points > li");
  const phase = cell?.closest(".jcell")?.id.split("-")[1];
  const choice = phase && document.querySelector(`[name="phase-shown"][value="${CSS.escape(phase)}"]`);
  if (!choice) return;
  choice.checked = true;
  cell.scrollIntoView({ block: "center" });
}
window.addEventListener("hashchange", choosePhase);
choosePhase();

if (table) {
  const words = table.dataset;
  const said = document.querySelector("[data-said]");
  const undoButton = document.querySelector("[data-undo]");
  const undone = [];
  let queue = Promise.resolve();
  let waiting = 0;
  let editing = null;

  const say = (text) => { said.textContent = text; };
  const cellOf = (name) => table.querySelector(`[data-edit="${CSS.escape(name)}"]`);
  const textOf = (cell) => cell.dataset.text ?? "";
  const isOfPoints = (cell) => cell.matches("[data-name=online], [data-name=offline]");

  // The rows of the table as people see them; cells that cannot be written keep their place in it.
  const grid = () => [...table.rows].map((row) => [...row.cells].slice(1));
  function placeOf(cell) {
    const rows = grid();
    const down = rows.findIndex((cells) => cells.includes(cell));
    return { rows, down, across: down < 0 ? -1 : rows[down].indexOf(cell) };
  }

  // The next cell that can be written, over those that cannot.
  function beside(cell, across, down) {
    const place = placeOf(cell);
    for (let y = place.down + down, x = place.across + across; place.rows[y]?.[x]; y += down, x += across) {
      if (place.rows[y][x].matches(CELL)) return place.rows[y][x];
    }
    return null;
  }

  function go(cell) {
    if (!cell) return;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function open(cell, typed = null) {
    if (editing?.cell === cell) return;
    close();
    const field = document.createElement("textarea");
    field.value = typed ?? textOf(cell);
    field.rows = 2;
    field.className = "jfield";
    field.setAttribute("aria-label", `${cell.dataset.label}`);
    if (["online", "offline"].includes(cell.dataset.name)) field.title = words.lines;
    cell.append(field);
    cell.dataset.editing = "";
    editing = { cell, field, was: textOf(cell) };
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  // Put away without saving; what was refused is forgotten with it.
  function close() {
    if (!editing) return;
    const { cell, field } = editing;
    editing = null;
    field.remove();
    delete cell.dataset.editing;
    delete cell.dataset.typed;
    cell.querySelector(".jwrong")?.remove();
  }

  function commit() {
    if (!editing) return;
    const { cell, field, was } = editing;
    const text = field.value;
    if (text.trim() === was.trim()) { close(); return; }
    const name = cell.dataset.edit;
    editing = null;
    field.readOnly = true;
    cell.dataset.sending = "";
    save([{ name, text, was }]);
  }

  function save(changes, { isUndo = false, outside = 0 } = {}) {
    waiting += 1;
    say(words.saving);
    queue = queue.then(() => send(changes, isUndo, outside)).finally(() => { waiting -= 1; });
    return queue;
  }

  async function send(changes, isUndo, outside) {
    const body = new FormData();
    for (const { name, text, was } of changes) {
      body.append("cell", name);
      body.append("text", text);
      body.append("was", was);
    }
    for (const cell of table.querySelectorAll("thead [data-version]")) body.append("version", cell.dataset.version);
    let answer;
    try {
      answer = await fetch(words.journey, {
        method: "POST", body, redirect: "error",
        headers: { "HX-Request": "true", ...JSON.parse(document.body.getAttribute("hx-headers")) },
      });
      if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status));
    } catch {
      lost(changes);
      return;
    }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    show(fresh, changes.map((change) => change.name));
    const refused = new Set([...fresh.querySelectorAll("[data-typed]")].map((cell) => cell.dataset.edit));
    const written = changes.filter(({ name }) => !refused.has(name) && cellOf(name));
    if (!isUndo && written.length) {
      undone.push(written);
      if (undone.length > DEEPEST_UNDO) undone.shift();
    }
    undoButton.hidden = !undone.length;
    const reason = fresh.querySelector("[data-say]")?.textContent;
    say(reason ?? (refused.size ? words.refused : outside ? words.outside.replace("{number}", outside) : isUndo ? words.undone : words.saved));
  }

  // What came back takes the place of what stood there, but for the cell somebody is writing in.
  function show(fresh, sent) {
    const focused = document.activeElement?.closest?.(CELL)?.dataset.edit;
    const isInside = document.activeElement?.matches?.(CELL);
    for (const cell of fresh.querySelectorAll(".jcell")) {
      const old = document.getElementById(cell.id);
      if (!old) continue;
      if (editing?.cell === old) {
        old.dataset.version = cell.dataset.version;
        old.dataset.text = cell.dataset.text;
        continue;
      }
      const typed = cell.dataset.typed;
      old.replaceWith(document.adoptNode(cell));
      if (typed !== undefined && !editing && sent.includes(cell.dataset.edit)) open(cell, typed);
    }
    for (const id of ["journey-title", "journey-findings"]) {
      const part = fresh.getElementById(id);
      if (part) document.getElementById(id)?.replaceWith(document.adoptNode(part));
    }
    for (const name of sent) {
      const cell = cellOf(name);
      if (cell && editing?.cell !== cell) { cell.querySelector(".jfield")?.remove(); delete cell.dataset.editing; delete cell.dataset.sending; }
    }
    if (isInside && focused && !editing) cellOf(focused)?.focus({ preventScroll: true });
    window.htmx?.process(table);
  }

  function lost(changes) {
    say(words.lost);
    for (const { name } of changes) {
      const cell = cellOf(name);
      cell?.querySelector(".jfield")?.remove();
      if (cell) { delete cell.dataset.editing; delete cell.dataset.sending; }
    }
    const cell = cellOf(changes[0].name);
    if (cell && !editing) open(cell, changes[0].text);
  }

  function undo() {
    const last = undone.pop();
    undoButton.hidden = !undone.length;
    if (!last) return;
    close();
    save(last.map(({ name, was }) => ({ name, text: was, was: textOf(cellOf(name) ?? table) })), { isUndo: true });
    go(cellOf(last[0].name));
  }

  // The lines and cells of a copied block; cells in quotation marks may hold several lines.
  function blockOf(text) {
    const rows = [[""]];
    let quoted = false;
    const source = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
    for (let at = 0; at < source.length; at += 1) {
      const row = rows.at(-1);
      const sign = source[at];
      if (quoted) {
        if (sign === "\"" && source[at + 1] === "\"") { row[row.length - 1] += sign; at += 1; }
        else if (sign === "\"") quoted = false;
        else row[row.length - 1] += sign;
      } else if (sign === "\"" && !row.at(-1)) quoted = true;
      else if (sign === "\t") row.push("");
      else if (sign === "\n") rows.push([""]);
      else row[row.length - 1] += sign;
    }
    return rows;
  }

  function paste(cell, text) {
    const { rows, down, across } = placeOf(cell);
    const changes = [];
    let outside = 0;
    blockOf(text).forEach((line, y) => line.forEach((value, x) => {
      const target = rows[down + y]?.[across + x];
      if (!target?.matches(CELL)) { outside += value.trim() ? 1 : 0; return; }
      // Touch points have content and actions of their own: what is pasted comes below them, in the place of none.
      const was = textOf(target);
      const text = isOfPoints(target) && was.trim() && value.trim() ? `${was}\n${value}` : value;
      if (isOfPoints(target) && !value.trim()) return;
      if (text.trim() !== was.trim()) changes.push({ name: target.dataset.edit, text, was });
    }));
    if (changes.length) save(changes, { outside });
    else if (outside) say(words.outside.replace("{number}", outside));
  }

  table.addEventListener("click", (event) => {
    const cell = event.target.closest(CELL);
    if (!cell || event.target.closest("a, button, summary, details, textarea") || String(getSelection())) return;
    commit();
    open(cell);
  });

  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest(CELL);
    if (!cell || event.isComposing) return;
    if (editing && event.target === editing.field) { whileWriting(event, cell); return; }
    if (event.target === cell) whileMoving(event, cell);
  });

  function whileWriting(event, cell) {
    const { field } = editing;
    if (event.key === "Enter" && event.altKey) {
      event.preventDefault();
      field.setRangeText("\n", field.selectionStart, field.selectionEnd, "end");
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      commit();
      go(beside(cellOf(cell.dataset.edit), 0, 1) ?? cellOf(cell.dataset.edit));
    } else if (event.key === "Tab") {
      const next = beside(cell, event.shiftKey ? -1 : 1, 0);
      commit();
      if (next) { event.preventDefault(); go(cellOf(next.dataset.edit)); }
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
      go(cell);
    }
  }

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function whileMoving(event, cell) {
    if ((event.ctrlKey || event.metaKey) && event.key === "z") { event.preventDefault(); undo(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      const next = beside(cell, ...arrow);
      if (next) { event.preventDefault(); go(next); }
    } else if (event.key === "Enter" || event.key === "F2") {
      event.preventDefault();
      open(cell);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      if (cell.dataset.name !== "name" && textOf(cell)) save([{ name: cell.dataset.edit, text: "", was: textOf(cell) }]);
    } else if (event.key === "Process" || (event.key.length === 1 && event.key !== " ")) {
      // What is typed begins the cell anew, and falls into the field that opens; shortcuts of the page stay out of it.
      event.stopPropagation();
      open(cell, "");
    }
  }

  table.addEventListener("focusout", (event) => {
    if (editing && event.target === editing.field && !editing.cell.contains(event.relatedTarget)) commit();
  });

  table.addEventListener("paste", (event) => {
    const cell = event.target.closest(CELL);
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!cell || !text) return;
    const isWriting = editing && event.target === editing.field;
    if (isWriting && !text.includes("\t")) return;
    event.preventDefault();
    if (isWriting) close();
    paste(cell, text);
    go(cellOf(cell.dataset.edit));
  });

  document.addEventListener("copy", (event) => {
    const cell = document.activeElement;
    if (!cell?.matches?.(`[data-journey] ${CELL}`) || String(getSelection())) return;
    const text = textOf(cell);
    event.clipboardData.setData("text/plain", /[\n\t"]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text);
    event.preventDefault();
  });

  undoButton.addEventListener("click", undo);

  // What is on its way, or still being typed, is not lost by a click elsewhere.
  window.addEventListener("beforeunload", (event) => {
    if (waiting || (editing && editing.field.value !== editing.was)) event.preventDefault();
  });
}
