// What is typed into a form[data-draft] survives a closed tab, for the person who typed it, until it has arrived.

const KEEP_DAYS = 14;
const BOXES = ["radio", "checkbox"];
const NOT_TYPED = ["hidden", "password", "file", "submit", "button"];

const keyOf = (form) => `draft:${form.dataset.draft}`;
const read = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
const isWholePage = (xhr) => /^\s*<!doctype html/i.test(xhr.responseText);

export function* typedFields(form) {
  for (const field of form.elements) {
    if (field.name && field.name !== "csrfmiddlewaretoken" && !NOT_TYPED.includes(field.type)) yield field;
  }
}

// All that a form says; of one that was refused, what it began with is what was typed.
export const saidBy = (form) => [...typedFields(form)].flatMap(({ name, value, type, checked }) => {
  if (type === "checkbox") return [{ name, value, checked }];
  return (type === "radio" ? checked : value) ? [{ name, value }] : [];
});

// Boxes are kept as they were changed, ticked or not: a step may be taken back as well.
function changesIn(form) {
  if (form.hasAttribute("data-refused")) return saidBy(form);
  const changes = [];
  for (const field of typedFields(form)) {
    const { name, value, type } = field;
    if (BOXES.includes(type)) {
      if (field.checked !== field.defaultChecked && (type === "checkbox" || field.checked)) changes.push({ name, value, checked: field.checked });
    } else if (type === "select-one") {
      const usual = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
      if (value !== usual?.value) changes.push({ name, value });
    } else if (value !== field.defaultValue) changes.push({ name, value });
  }
  return changes;
}

export function remember(form, more = {}) {
  const changes = changesIn(form);
  try {
    if (changes.length) localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), changes, ...more }));
    else localStorage.removeItem(keyOf(form));
  } catch { /* A full or forbidden storage only means that nothing is remembered. */ }
}

export function forget(form) {
  try { localStorage.removeItem(keyOf(form)); } catch { /* Then nothing was kept either. */ }
}

// Puts a draft together from what was to be sent, for a form that is not open.
export function layAside(name, changes, sent) {
  try { localStorage.setItem(`draft:${name}`, JSON.stringify({ at: Date.now(), changes, sent })); return true; } catch { return false; }
}

export function recall(form) {
  if (form.dataset.recalled) return;
  form.dataset.recalled = "true";
  // A form that was refused shows what was typed already.
  if (form.hasAttribute("data-refused")) { remember(form, { sent: form.elements.submission_key?.value }); return; }
  const draft = read(keyOf(form));
  if (!draft?.changes) return;
  if (Date.now() - draft.at > KEEP_DAYS * 86400000) { forget(form); return; }
  for (const field of typedFields(form)) {
    const isBox = BOXES.includes(field.type);
    const change = draft.changes.find(({ name, value }) => name === field.name && (!isBox || value === field.value));
    if (!change) continue;
    if (isBox) field.checked = change.checked ?? true;
    else field.value = change.value;
  }
  for (const fold of form.querySelectorAll("details:not([open])")) fold.open = [...typedFields(form)].some((field) => fold.contains(field) && draft.changes.some(({ name }) => name === field.name));
  // It may have arrived although no answer came: under its first key it is never taken twice.
  if (draft.sent && form.elements.submission_key) form.elements.submission_key.value = draft.sent;
  form.querySelector("[name=value], [name=steps_done]")?.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.dataset.draft && form.dataset.recalled) remember(form, { sent: read(keyOf(form))?.sent });
});

// Sent is not arrived. The draft stays until the server says it has it: by the next sheet, or, after a whole page, by a cookie.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.draft && form.method === "post" && !event.defaultPrevented) remember(form, { sent: form.elements.submission_key?.value });
}, { capture: true });
document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, xhr } = event.detail;
  const form = requestConfig?.verb === "post" && requestConfig.elt.closest("form[data-draft]");
  if (form && xhr.status === 200 && !isWholePage(xhr)) forget(form);
});

function forgetWhatArrived() {
  const arrived = document.cookie.match(/(?:^|; )saved=([^;]+)/)?.[1];
  if (!arrived) return;
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith("draft:"))) {
    if (read(key)?.sent === arrived) localStorage.removeItem(key);
  }
}

export const recallAll = (root) => {
  if (root.matches?.("form[data-draft]")) recall(root);
  for (const form of root.querySelectorAll("form[data-draft]")) recall(form);
};
try { forgetWhatArrived(); } catch { /* Without storage there is nothing to forget. */ }
recallAll(document);
document.addEventListener("htmx:load", (event) => recallAll(event.detail.elt));
