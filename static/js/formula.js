// Keys offered while a formula is typed: arrows choose, Enter or Tab takes, Escape closes. Without this, the list of
// keys below the field says the same.

const WORD = /[\p{L}_][\p{L}\p{N}_]*$/u;
const MOST = 8;

function attach(field) {
  const known = [...document.querySelectorAll("[data-keys] > [data-key]")].map((item) => ({ key: item.dataset.key, name: item.querySelector("dt").textContent }));
  const list = document.createElement("ul");
  list.id = "formula-keys";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels?.[0]?.textContent ?? "");
  field.after(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  let chosen = -1;
  const isOpen = () => !list.hidden;

  function close() {
    list.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function mark(at) {
    chosen = (at + list.children.length) % list.children.length;
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === chosen)));
    field.setAttribute("aria-activedescendant", list.children[chosen].id);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  }

  function typed() {
    return WORD.exec(field.value.slice(0, field.selectionStart))?.[0] ?? "";
  }

  function offer() {
    const word = typed().toLowerCase();
    const fitting = word ? known.filter(({ key, name }) => key !== typed() && (key.toLowerCase().includes(word) || name.toLowerCase().includes(word))) : [];
    if (!fitting.length) return close();
    list.replaceChildren(...fitting.slice(0, MOST).map(({ key, name }, at) => {
      const option = document.createElement("li");
      option.id = `formula-key-${at}`;
      option.setAttribute("role", "option");
      option.dataset.key = key;
      const label = document.createElement("span");
      label.textContent = name;
      const meta = document.createElement("span");
      meta.className = "meta";
      meta.textContent = key;
      option.append(label, meta);
      return option;
    }));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    mark(0);
  }

  function take(key) {
    const at = field.selectionStart;
    const from = at - typed().length;
    field.setRangeText(key, from, at, "end");
    close();
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  }

  close();
  field.addEventListener("input", (event) => { if (!event.isComposing) offer(); });
  field.addEventListener("compositionend", offer);
  field.addEventListener("blur", () => setTimeout(close, 150));
  field.addEventListener("keydown", (event) => {
    if (!isOpen() || event.isComposing) return;
    if (event.key === "ArrowDown") mark(chosen + 1);
    else if (event.key === "ArrowUp") mark(chosen - 1);
    else if (event.key === "Enter" || event.key === "Tab") take(list.children[chosen].dataset.key);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) { event.preventDefault(); take(option.dataset.key); }
  });
}

for (const field of document.querySelectorAll("[data-formula]")) attach(field);
