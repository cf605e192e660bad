// Naming colleagues with @ in a comment, and beginnings of sentences that one tap puts into the field.

const BEHIND_AT = /(?:^|[^A-Za-z0-9_.+-])[@＠]([^\s@＠]{0,30})$/;
const WAIT = 120;
let open = null;
let timer = 0;
let asked = null;

function close() {
  clearTimeout(timer);
  asked?.abort();
  if (!open) return;
  open.list.remove();
  open.field.removeAttribute("aria-activedescendant");
  open = null;
}

function choose(index) {
  const rows = [...open.list.children];
  open.index = (index + rows.length) % rows.length;
  rows.forEach((row, number) => row.setAttribute("aria-selected", String(number === open.index)));
  open.field.setAttribute("aria-activedescendant", rows[open.index].id);
  rows[open.index].scrollIntoView({ block: "nearest" });
}

function put(row) {
  const { field, begin } = open;
  const end = field.selectionStart;
  field.setRangeText(`@${row.dataset.insert} `, begin, end, "end");
  close();
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

async function suggest(field, typed, begin) {
  asked?.abort();
  asked = new AbortController();
  let answer;
  try {
    answer = await fetch(`${field.dataset.mentions}?q=${encodeURIComponent(typed)}`, { signal: asked.signal });
  } catch {
    return;
  }
  if (!answer.ok || document.activeElement !== field) return;
  const words = await answer.text();
  close();
  if (!words.trim()) return;
  const list = document.createElement("ul");
  list.className = "mention-list";
  list.id = "mention-list";
  list.setAttribute("role", "listbox");
  list.innerHTML = words;
  field.closest(".field").append(list);
  field.setAttribute("aria-controls", list.id);
  open = { field, begin, list, index: 0 };
  choose(0);
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.dataset?.mentions || event.isComposing) return;
  clearTimeout(timer);
  const before = field.value.slice(0, field.selectionStart);
  const found = BEHIND_AT.exec(before);
  if (!found) {
    close();
    return;
  }
  const begin = before.length - found[1].length - 1;
  timer = setTimeout(() => suggest(field, found[1], begin), WAIT);
});

document.addEventListener("compositionend", (event) => {
  if (event.target.dataset?.mentions) event.target.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("keydown", (event) => {
  if (!open || event.target !== open.field || event.isComposing) return;
  const acts = {
    ArrowDown: () => choose(open.index + 1),
    ArrowUp: () => choose(open.index - 1),
    Enter: () => put(open.list.children[open.index]),
    Tab: () => put(open.list.children[open.index]),
    Escape: close,
  };
  if (!acts[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  acts[event.key]();
}, true);

// Before the field loses the focus: the list would be gone when the tap arrives.
document.addEventListener("pointerdown", (event) => {
  const row = event.target.closest?.(".mention-list [role=option]");
  if (!row) {
    if (open && event.target !== open.field) close();
    return;
  }
  event.preventDefault();
  put(row);
});

document.addEventListener("click", (event) => {
  const prompt = event.target.closest?.("[data-prompt]");
  if (!prompt) return;
  const field = document.getElementById(prompt.dataset.for);
  const rest = field.value.trim();
  // A question stands on a line of its own; what ends in a colon is gone on with.
  const begun = /[：:]\s*$/.test(prompt.dataset.prompt) ? prompt.dataset.prompt : `${prompt.dataset.prompt}\n`;
  field.value = rest ? `${rest}\n${begun}` : begun;
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
