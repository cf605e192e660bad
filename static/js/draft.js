// The drafting page and the editors of one part of an objective: the coach answers while one types, its better versions
// are put into their fields, and what was not sent survives a reload.

const PAUSE = 400;
const KEEP_DAYS = 14;
const asks = document.getElementById("coach-asks");
let form = document.getElementById("draft");
let waiting = 0;

const look = (pause = PAUSE) => {
  clearTimeout(waiting);
  waiting = setTimeout(() => window.htmx.trigger(asks, "look"), pause);
};
const isOurs = (element) => Boolean(form?.contains(element));

// While a word is being composed nothing is to be said of it.
document.addEventListener("input", (event) => {
  if (!isOurs(event.target)) return;
  if (!event.isComposing) look();
  remember();
});
// An objective and a key result are one line; Enter would only make another.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.isComposing && isOurs(event.target) && event.target.matches("textarea.word")) event.preventDefault();
});
document.addEventListener("compositionend", (event) => { if (isOurs(event.target)) look(); });
document.addEventListener("change", (event) => { if (isOurs(event.target)) { look(); remember(); } });
document.addEventListener("htmx:afterSettle", (event) => {
  if (!isOurs(event.detail.elt) || event.detail.elt.closest(".coach-margin")) return;
  setAside(form);
  remember();
  look(0);
});

// A better version, put where it belongs.

const write = (field, text) => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus?.();
};

function addRow(fields) {
  const empty = [...form.querySelectorAll("[name$='-title']")].find((field) => !field.value.trim());
  const button = document.getElementById("add-row");
  if (empty) {
    const prefix = empty.name.slice(0, -"title".length);
    for (const [name, text] of Object.entries(fields).reverse()) {
      if (form.elements[prefix + name]) write(form.elements[prefix + name], text);
    }
  } else if (button) {
    const values = Object.fromEntries(Object.entries(fields).map(([name, text]) => [`new-${name}`, text]));
    window.htmx.ajax("POST", location.href, { source: button, target: "#draft-rows", swap: "outerHTML", values: { act: "add", ...values } });
  }
}

// What is left as it is: hidden until the text it is about changes.

// What one person typed in one organization is never offered to another on the same machine.
const keyOf = (part) => {
  const { kept, coached } = form.dataset;
  return `${part}:${kept ?? `in-${coached}`}${kept?.endsWith("-new") ? location.search : ""}`;
};
const read = (part) => { try { return JSON.parse(localStorage.getItem(keyOf(part))) ?? {}; } catch { return {}; } };
const store = (key, value) => {
  try { if (value) localStorage.setItem(key, JSON.stringify(value)); else localStorage.removeItem(key); }
  catch { /* A full or forbidden storage only means that nothing is remembered. */ }
};
const textAt = (where) => {
  if (where === "objective") return form.elements.title?.value ?? "";
  const row = document.getElementById(`row-${where}`) ?? form;
  return [...row.querySelectorAll("input:not([type=hidden]), select, textarea")]
    .map((field) => (field.type === "radio" || field.type === "checkbox" ? field.checked : field.value)).join("\n");
};
const findingOf = (note) => `${note.dataset.where}|${note.dataset.finding}`;

function setAside(root) {
  const left = read("aside");
  for (const note of root.querySelectorAll("[data-finding]")) {
    note.hidden = left[findingOf(note)] === textAt(note.dataset.where);
  }
}

function leave(note) {
  store(keyOf("aside"), { ...read("aside"), [findingOf(note)]: textAt(note.dataset.where) });
  note.hidden = true;
  const part = note.closest(".draft-row, .draft-part, form");
  part?.querySelector("textarea.word, input.word")?.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button");
  if (!button || !isOurs(button)) {
    if (button?.hasAttribute("data-forget")) { store(keyOf("draft"), null); location.reload(); }
    return;
  }
  if (button.dataset.use !== undefined) {
    const field = form.elements[button.dataset.field];
    if (field) write(field, button.dataset.use);
    look(0);
  } else if (button.dataset.addRow !== undefined) addRow(JSON.parse(button.dataset.addRow));
  else if (button.hasAttribute("data-leave")) leave(button.closest("[data-finding]"));
});

// The coach's answer comes in parts; what one had opened stays open.
const opened = new Map();
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  opened.set(event.detail.target.id, [...event.detail.target.querySelectorAll("details")].map((fold) => fold.open));
});
document.addEventListener("htmx:oobAfterSwap", (event) => {
  const margin = event.detail.target;
  if (!isOurs(margin)) return;
  const before = opened.get(margin.id) ?? [];
  for (const [place, fold] of [...margin.querySelectorAll("details")].entries()) fold.open = before[place] ?? false;
  setAside(margin);
});

// What was typed and not sent.

const isKept = () => Boolean(form?.dataset.kept);
const typed = () => {
  const fields = new FormData(form);
  fields.delete("csrfmiddlewaretoken");
  return new URLSearchParams(fields).toString();
};
let untouched = isKept() ? typed() : "";
let remembering = 0;

function remember() {
  if (!isKept()) return;
  clearTimeout(remembering);
  remembering = setTimeout(keep, 200);
}

function keep(more = {}) {
  const now = typed();
  store(keyOf("draft"), now === untouched ? null : { at: Date.now(), typed: now, ...more });
}

document.addEventListener("submit", (event) => {
  if (event.target === form && isKept()) { clearTimeout(remembering); keep({ sent: form.elements.page.value }); }
});
window.addEventListener("pagehide", () => { if (remembering && isKept() && !read("draft").sent) keep(); });

// A form sent as a whole page may be answered by the door. What was kept is dropped when the server says it has it.
function dropWhatArrived() {
  const arrived = document.cookie.match(/(?:^|; )drafted=([^;]+)/)?.[1];
  if (!arrived) return;
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith("draft:"))) {
    try { if (JSON.parse(localStorage.getItem(key))?.sent === arrived) localStorage.removeItem(key); }
    catch { /* Not one of ours. */ }
  }
}

async function recall() {
  const { at, typed: text } = read("draft");
  if (!text || text === untouched) return;
  if (Date.now() - at > KEEP_DAYS * 86400000) { store(keyOf("draft"), null); return; }
  const body = new URLSearchParams(text);
  body.set("act", "recall");
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const response = await fetch(location.href, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById("draft");
  if (!fresh || typed() !== untouched) return;
  form.replaceWith(document.adoptNode(fresh));
  form = fresh;
  window.htmx.process(form);
  setAside(form);
  document.querySelector(".draft-recalled").hidden = false;
  look(0);
}

if (form) {
  setAside(form);
  if (isKept()) {
    dropWhatArrived();
    // A page that was refused shows what was typed already.
    if (!form.hasAttribute("data-refused")) recall();
  }
}
