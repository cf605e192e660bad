// The check-in by keyboard, and typed text that survives a closed tab.

const KEEP_DAYS = 14;

let firstDigit = { value: "", at: 0 };

document.addEventListener("keydown", (event) => {
  const group = event.target.closest?.("[data-confidence]");
  if (!group || !/^[0-9]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const isTen = event.key === "0" && firstDigit.value === "1" && Date.now() - firstDigit.at < 700;
  firstDigit = { value: event.key, at: Date.now() };
  const radio = group.querySelector(`input[value="${isTen ? "10" : event.key}"]`);
  if (!radio || radio.disabled) return;
  radio.checked = true;
  radio.focus();
  radio.dispatchEvent(new Event("input", { bubbles: true }));
  radio.dispatchEvent(new Event("change", { bubbles: true }));
});

const keyOf = (form) => `draft:${form.dataset.draft}`;

function* typed(form) {
  for (const field of form.elements) {
    if (!field.name || field.name === "csrfmiddlewaretoken") continue;
    if (["hidden", "password", "file", "submit", "button"].includes(field.type)) continue;
    yield field;
  }
}

function remember(form) {
  const values = {};
  for (const field of typed(form)) {
    if (field.type === "radio" || field.type === "checkbox") {
      if (field.checked !== field.defaultChecked && field.checked) values[field.name] = field.value;
    } else if (field.tagName !== "SELECT" && field.value !== field.defaultValue) values[field.name] = field.value;
  }
  try {
    if (Object.keys(values).length) localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), values }));
    else localStorage.removeItem(keyOf(form));
  } catch { /* A full or forbidden storage only means that nothing is remembered. */ }
}

function recall(form) {
  if (form.dataset.recalled) return;
  form.dataset.recalled = "true";
  let draft;
  try { draft = JSON.parse(localStorage.getItem(keyOf(form))); } catch { draft = null; }
  if (!draft) return;
  if (Date.now() - draft.at > KEEP_DAYS * 86400000) { localStorage.removeItem(keyOf(form)); return; }
  for (const field of typed(form)) {
    const value = draft.values[field.name];
    if (value === undefined) continue;
    if (field.type === "radio" || field.type === "checkbox") {
      const chosen = form.querySelector(`[name="${CSS.escape(field.name)}"]:checked`);
      if (field.value === value && (!chosen || chosen.defaultChecked)) field.checked = true;
    } else if (field.value === field.defaultValue && field.value !== value) {
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.dataset.draft) remember(form);
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.draft || form.method !== "post") return;
  if (form.hasAttribute("hx-post")) localStorage.removeItem(keyOf(form));
  else markAsSent(form);
});

// A form sent as a whole page may be answered by the door. Its draft is dropped when the server says it has the key.
function markAsSent(form) {
  try {
    const draft = JSON.parse(localStorage.getItem(keyOf(form)));
    if (draft) localStorage.setItem(keyOf(form), JSON.stringify({ ...draft, sent: form.elements.submission_key?.value }));
  } catch { /* Nothing was kept. */ }
}

function dropWhatArrived() {
  const arrived = document.cookie.match(/(?:^|; )saved=([^;]+)/)?.[1];
  if (!arrived) return;
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith("draft:"))) {
    try {
      if (JSON.parse(localStorage.getItem(key))?.sent === arrived) localStorage.removeItem(key);
    } catch { /* Not one of ours. */ }
  }
}
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    const form = event.detail.elt.closest("form[data-draft]");
    if (form) remember(form);
  });
}
// Whoever is led to the door had no session any more: nothing was taken.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const form = event.detail.requestConfig?.elt?.closest("form[data-draft]");
  if (form && event.detail.xhr.getResponseHeader("HX-Redirect")) remember(form);
});
// So had whoever gets a whole page instead of the next sheet.
document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig?.elt?.closest("form[data-draft]");
  if (form && /^\s*<!doctype html/i.test(event.detail.xhr.responseText)) remember(form);
});

const recallAll = (root) => {
  if (root.matches?.("form[data-draft]")) recall(root);
  for (const form of root.querySelectorAll("form[data-draft]")) recall(form);
};
dropWhatArrived();
recallAll(document);
document.addEventListener("htmx:load", (event) => recallAll(event.detail.elt));
