// What every page can do with a script; without one, everything still works by links and forms.

import { openSearch } from "./search.js";

const isTyping = (target) => target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
const waiting = { g: 0 };

// Keys that act alone get in the way of speech input and of unsteady hands: they can be switched off on a device.
const KEYS = "keys";
const keysOff = () => document.documentElement.dataset.keys === "off";
function setKeys(on) {
  document.documentElement.dataset.keys = on ? "on" : "off";
  for (const box of document.querySelectorAll("[data-keys-switch]")) box.checked = on;
}
try { setKeys(localStorage.getItem(KEYS) !== "off"); } catch { setKeys(true); }
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-switch]")) return;
  setKeys(event.target.checked);
  try { localStorage.setItem(KEYS, event.target.checked ? "on" : "off"); } catch { /* It then holds for this page. */ }
});

// A refused form begins at its first mistake, which on a phone lies far below the top.
if (!document.querySelector("main [autofocus]")) document.querySelector("main form [aria-invalid='true']")?.focus();
// Led to a place in a page, browsers leave the field alone that is to be typed into there.
if (location.hash) addEventListener("load", () => {
  if (document.activeElement !== document.body) return;
  const fields = [...document.querySelectorAll("main [autofocus]")];
  (fields.find((field) => field.checked) ?? fields[0])?.focus({ preventScroll: true });
});

function focusFilter() {
  const filter = document.querySelector("[data-search]");
  filter?.focus();
  filter?.select?.();
  return Boolean(filter);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return closeMenus(event);
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest?.("form");
    if (form?.method === "post") { event.preventDefault(); form.requestSubmit(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
  if (keysOff() || event.repeat || document.querySelector("dialog[open]")) return;

  if (Date.now() - waiting.g < 1500) {
    waiting.g = 0;
    const link = /^[a-z]$/.test(event.key) && document.querySelector(`[data-go="${event.key}"]`);
    if (link) { event.preventDefault(); link.click(); }
    return;
  }
  if (event.key === "g") { waiting.g = Date.now(); }
  else if (event.key === "?") { event.preventDefault(); document.getElementById("shortcuts")?.showModal(); }
  else if (event.key === "/") { if (openSearch() || focusFilter()) event.preventDefault(); }
  else if (event.key === "f") { if (focusFilter()) event.preventDefault(); }
});

function closeMenus(event) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    const inside = menu.contains(event.target);
    if (event.type === "click" && inside && !event.target.closest("a")) continue;
    menu.open = false;
    if (event.type === "keydown" && inside) menu.querySelector("summary").focus();
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event);
  const dismiss = event.target.closest("[data-dismiss]");
  if (dismiss) dismiss.closest(".toast, .note")?.remove();
  if (event.target.closest("[data-again]") && unsent?.form.isConnected) {
    const { form, submitter } = unsent;
    form.requestSubmit(submitter?.form === form ? submitter : undefined);
  }
  if (event.target.closest("[data-shortcuts]")) document.getElementById("shortcuts")?.showModal();
  const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (isPlain && event.target.closest("[data-open-search]") && openSearch()) event.preventDefault();
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog?.showModal) { event.preventDefault(); dialog.showModal(); }
  if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog")?.close();
  if (event.target.matches("dialog.dialog[open]")) event.target.close();
});

// Light and dark change at once; the server is told so that the next page comes in the right one.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.action?.endsWith("/logout/")) {
    for (const key of Object.keys(localStorage)) if (key.startsWith("draft:")) localStorage.removeItem(key);
  }
  if (!form.matches("[data-theme-form]") || !event.submitter) return;
  event.preventDefault();
  const theme = event.submitter.value;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === event.submitter));
  const body = new FormData(form, event.submitter);
  try {
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (answer.type !== "opaqueredirect" && !answer.ok) throw new Error(answer.status);
  } catch { sayLost(); }
});

let unsent = null;

function sayLost(event) {
  const place = document.getElementById("messages");
  const lost = document.getElementById("lost");
  if (!place || !lost || place.querySelector("[data-lost]")) return;
  const toast = lost.content.firstElementChild.cloneNode(true);
  toast.dataset.lost = "";
  const sent = event?.detail?.requestConfig;
  const form = sent?.verb === "post" ? sent.elt.closest("form") : null;
  unsent = form && { form, submitter: sent.triggeringEvent?.submitter };
  toast.querySelector("[data-again]").hidden = !form;
  place.append(toast);
}

document.addEventListener("htmx:responseError", sayLost);
document.addEventListener("htmx:sendError", sayLost);
document.addEventListener("htmx:timeout", sayLost);
const takeBack = () => document.querySelector("[data-lost]")?.remove();
// A preview on its way says nothing about what did not arrive: that message stays until it is sent again.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig.verb === "post" || !unsent?.form.isConnected) takeBack();
});
window.addEventListener("online", () => { if (!unsent) takeBack(); });

// A whole page in answer to a fragment's request means the way led elsewhere, as to the door after signing out. Whoever is
// still typing is not taken there, nor away from where sending has begun to lead: what they send leads there by itself.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, elt, requestConfig } = event.detail;
  if (!/^\s*<!doctype html/i.test(xhr.responseText) || elt.closest("[hx-select], [data-hx-select], [hx-boost]")) return;
  event.detail.shouldSwap = false;
  if (xhr.responseURL && requestConfig.triggeringEvent?.type !== "input") window.location.assign(xhr.responseURL);
});

function wake(root) {
  for (const hidden of root.querySelectorAll("[data-shortcuts][hidden], [data-dismiss][hidden]")) hidden.hidden = false;
}
wake(document);
document.addEventListener("htmx:load", (event) => wake(event.detail.elt));
// A link may lead to what comes only when its place is in view: the place is brought there, and then what it leads to.
const wanted = location.hash.slice(1);
let arrived = !wanted || document.getElementById(wanted) !== null;
if (wanted.startsWith("comment-") && !arrived) document.querySelector("section.talk[hx-get]")?.scrollIntoView();
document.addEventListener("htmx:load", (event) => {
  if (!wanted || (arrived && !event.detail.elt.matches?.(`#${CSS.escape(wanted)}`))) return;
  const place = event.detail.elt !== document.body && document.getElementById(wanted);
  if (!place) return;
  arrived = true;
  place.scrollIntoView();
});
