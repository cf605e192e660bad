// Check-ins on a bad connection. What could not be sent is kept on this device, for the person who typed it, and sent in
// order when the connection is back. Each has one submission key from the beginning, so that an answer that was lost,
// a second try or a second tab never make two of it.
//
// A service worker would serve the page itself without a connection. It would also keep a company's figures on every
// device, need a scope and an update of its own, and not send anything that a page that is open cannot send.

import { forget, layAside, recall, saidBy } from "./drafts.js";

const AGAIN_AFTER = 30_000;
const GIVE_UP_AFTER = 20_000;
const BUSY = (status) => status >= 500 || status === 429 || status === 408;

const place = document.getElementById("kept");
const person = place?.dataset.person;
const week = place?.dataset.week;
const prefix = `kept:${person}:`;
const sheets = new Map();
const sheet = () => document.getElementById("checkin");
const words = (name) => place.querySelector(`template[${name}]`).content;

function all() {
  const entries = [];
  try {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(prefix))) {
      try { entries.push({ key, ...JSON.parse(localStorage.getItem(key)) }); } catch { /* Not one of ours. */ }
    }
  } catch { /* Without storage nothing is kept. */ }
  return entries.sort((one, other) => one.at - other.at);
}
const waiting = () => all().filter((entry) => !entry.refused);
const isKept = (keyResult) => waiting().some((entry) => entry.keyResult === keyResult);
function store({ key, ...entry }) {
  try { localStorage.setItem(key, JSON.stringify(entry)); return true; } catch { return false; }
}
const drop = ({ key }) => { try { localStorage.removeItem(key); } catch { /* Then it is not there. */ } };

// Keeping

function saidIn(form) {
  const value = form.elements.value;
  const ticked = [...form.querySelectorAll("[name=steps_done]:checked")].map((box) => box.closest("label").textContent.trim());
  const unit = value?.closest(".control").querySelector(".suffix")?.textContent ?? "";
  const confidence = form.querySelector("[name=confidence]:checked")?.value;
  return [value ? `${value.value} ${unit}`.trim() : ticked.join(" · "), confidence && `${words("data-confidence").textContent} ${confidence}`].filter(Boolean).join(" · ");
}

function keep(form) {
  const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
  const kept = store({
    key: prefix + form.elements.submission_key.value,
    at: Date.now(),
    address: form.getAttribute("action"),
    draft: form.dataset.draft,
    keyResult: form.dataset.keyResult,
    title: form.dataset.title,
    said: saidIn(form),
    words: [...form.querySelectorAll("textarea")].map((field) => field.value.trim()).filter(Boolean).join(" / "),
    fields,
    changes: saidBy(form),
  });
  if (!kept) return false;
  forget(form);
  draw();
  if (form.hasAttribute("hx-post")) {
    sheets.set(form.dataset.keyResult, pristine(form));
    showNext(form);
  } else {
    form.reset();
    form.elements.submission_key.value = newKey();
  }
  place.scrollIntoView({ block: "nearest" });
  again();
  return true;
}

// What was typed is no attribute: the markup is that of the empty sheet.
function pristine(form) {
  const copy = form.cloneNode(true);
  copy.removeAttribute("data-recalled");
  copy.classList.remove("htmx-request", "htmx-added", "htmx-settling");
  for (const styled of copy.querySelectorAll("[style]")) styled.removeAttribute("style");
  return copy.outerHTML;
}

// crypto.randomUUID is there over https only.
function newKey() {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function draw() {
  const entries = all();
  place.hidden = !entries.length;
  place.querySelector("[data-count]").textContent = entries.length || "";
  for (const part of place.querySelectorAll("[data-waits]")) part.hidden = !entries.some((entry) => !entry.refused);
  place.querySelector("[data-lines]").replaceChildren(...entries.map((entry) => {
    const line = words("data-line").firstElementChild.cloneNode(true);
    line.dataset.key = entry.key;
    line.querySelector("[data-title]").textContent = entry.title;
    line.querySelector("[data-said]").textContent = entry.said;
    line.querySelector("[data-words]").textContent = entry.words;
    line.querySelector("[data-words]").hidden = !entry.words;
    line.querySelector("[data-why]").hidden = !entry.refused;
    line.querySelector("[data-why] span").textContent = entry.refused ?? "";
    line.querySelector("[data-drop]").hidden = !entry.refused;
    return line;
  }));
}

// The next sheet, from those fetched while there was a connection

async function fetchSheets() {
  if (!week || sheet()?.tagName !== "FORM" || !document.querySelector("#queue li:not([data-done])")) return;
  try {
    const answer = await fetch(`${week}?sheets=1`, { redirect: "error", headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const each of page.querySelectorAll("template[data-sheet]")) sheets.set(each.dataset.sheet, each.innerHTML);
  } catch { /* Whoever has no connection now has the sheet in hand. */ }
}

function show(markup) {
  const old = sheet();
  const holder = document.createElement("template");
  holder.innerHTML = markup;
  const fresh = holder.content.firstElementChild;
  fresh.classList.add("htmx-added");
  old.replaceWith(fresh);
  window.htmx.process(fresh);
  fresh.dispatchEvent(new Event("sheet:shown", { bubbles: true }));
  if (fresh.tagName === "FORM") recall(fresh);
  requestAnimationFrame(() => fresh.classList.remove("htmx-added"));
  fresh.querySelector("[autofocus], h2")?.focus();
  tidyQueue();
}

// The queue as the server drew it names what is in hand by now, and what is kept already.
function tidyQueue() {
  for (const link of document.querySelectorAll("#queue li:not([data-done]) > a")) {
    link.parentElement.hidden = keyResultIn(link) === sheet().dataset.keyResult || isKept(keyResultIn(link));
  }
}

const queued = () => [...document.querySelectorAll("#queue li:not([data-done]) a")].map(keyResultIn);
const keyResultIn = (link) => new URL(link.href, location.href).searchParams.get("key_result");

function showNext(form) {
  const order = [form.elements.following?.value, ...queued(), ...sheets.keys()];
  const next = order.find((each) => each && each !== form.dataset.keyResult && sheets.has(each) && !isKept(each));
  show(next ? sheets.get(next) : words("data-all-kept").firstElementChild.outerHTML);
}

// Sending

const lock = (act) => (navigator.locks ? navigator.locks.request(prefix, { ifAvailable: true }, (held) => held && act()) : act());
let sending = false;
let timer = 0;

function again() {
  clearTimeout(timer);
  if (waiting().length) timer = setTimeout(send, AGAIN_AFTER);
}

async function send() {
  if (!place || sending || !waiting().length) return;
  sending = true;
  const arrived = [];
  try {
    await lock(async () => {
      for (const entry of waiting()) {
        const answer = await post(entry);
        place.querySelector("[data-at-door]").hidden = answer !== "door";
        if (answer === "arrived") { drop(entry); sheets.delete(entry.keyResult); arrived.push(entry); }
        else if (answer.refused) store({ ...entry, refused: answer.refused });
        else break;
      }
    });
  } finally { sending = false; }
  draw();
  again();
  if (arrived.length) refresh(arrived);
}

let token = null;
const tokenOf = (page) => JSON.parse(page.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"];

async function post(entry, isSecondTry = false) {
  const body = new URLSearchParams(entry.fields);
  body.set("from", "kept");
  body.set("person", person);
  let answer;
  try {
    answer = await fetch(entry.address, {
      method: "POST", body, redirect: "manual", headers: { "X-CSRFToken": token ?? tokenOf(document) }, signal: AbortSignal.timeout(GIVE_UP_AFTER),
    });
    if (answer.type === "opaqueredirect") return "door";
    if (answer.status === 204) return "arrived";
    if (answer.status === 422) return { refused: await answer.text() };
    if (BUSY(answer.status)) return "busy";
    // After signing in anew the page's own token is of no use, and it may be somebody else who did.
    if (answer.status === 403 && !isSecondTry) {
      const fresh = await fetch(week, { redirect: "manual" });
      if (fresh.type === "opaqueredirect") return "door";
      const page = new DOMParser().parseFromString(await fresh.text(), "text/html");
      if (page.getElementById("kept")?.dataset.person !== person) return "door";
      token = tokenOf(page);
      return post(entry, true);
    }
  } catch { return "lost"; }
  return { refused: words("data-not-yours").textContent };
}

function refresh(arrived) {
  document.getElementById("messages")?.append(words("data-arrived").cloneNode(true));
  const form = sheet();
  if (!document.getElementById("week-head")) { if (!form || !form.matches("form") || !form.elements.value?.value) location.reload(); return; }
  const isOver = form?.tagName !== "FORM" || arrived.some((entry) => entry.keyResult === form.dataset.keyResult);
  const target = isOver ? { target: "#checkin", swap: "outerHTML" } : { target: "#checkin", swap: "none" };
  window.htmx.ajax("GET", week, target);
}

// What happens on the page

// Ahead of the page's own word on what did not arrive, which then is not needed.
function onFailure(event) {
  const { elt, requestConfig, xhr } = event.detail;
  const form = elt.closest?.("form[data-key-result]");
  if (event.type === "htmx:responseError" && !BUSY(xhr.status)) return;
  if (form && requestConfig?.verb === "post" ? keep(form) : form && elt.matches("div")) event.stopPropagation();
  else if (elt.matches?.("a[href*='key_result=']") && sheets.has(keyResultIn(elt)) && !isKept(keyResultIn(elt))) {
    event.stopPropagation();
    show(sheets.get(keyResultIn(elt)));
  }
}

if (place) {
  for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(failure, onFailure, { capture: true });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (navigator.onLine || !form.matches("form[data-key-result]:not([hx-post])")) return;
    if (keep(form)) event.preventDefault();
  });
  place.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.hasAttribute("data-send")) { send(); return; }
    const entry = all().find(({ key }) => key === button.closest("li")?.dataset.key);
    if (!entry) return;
    if (button.hasAttribute("data-open")) open(entry);
    else if (button.hasAttribute("data-drop") && button.dataset.sure) { button.textContent = button.dataset.sure; delete button.dataset.sure; }
    else if (button.hasAttribute("data-drop")) { drop(entry); draw(); }
  });
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt === sheet() && isKeptSheet()) showNext(sheet()); });
  window.addEventListener("online", send);
  window.addEventListener("focus", send);
  window.addEventListener("storage", (event) => { if (event.key?.startsWith(prefix)) draw(); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") send(); });
  // Whoever saves it anew has answered what was refused.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, xhr } = event.detail;
    const form = requestConfig?.verb === "post" && requestConfig.elt.closest("form[data-key-result]");
    if (!form || xhr.status !== 200) return;
    sheets.delete(form.dataset.keyResult);
    for (const entry of all()) if (entry.refused && entry.keyResult === form.dataset.keyResult) drop(entry);
    draw();
  });
  draw();
  begin();
}

function isKeptSheet() {
  return sheet()?.matches("form[hx-post]") && isKept(sheet().dataset.keyResult);
}

async function begin() {
  if (isKeptSheet()) sheet().inert = true;
  await send();
  if (sheet()) sheet().inert = false;
  await fetchSheets();
  if (isKeptSheet()) showNext(sheet());
}

// Typed again rather than typed anew: what was kept becomes the form's own draft.
function open(entry) {
  if (!layAside(entry.draft, entry.changes, entry.refused ? undefined : new URLSearchParams(entry.fields).get("submission_key"))) return;
  drop(entry);
  draw();
  if (sheets.has(entry.keyResult) && document.getElementById("week-head")) show(sheets.get(entry.keyResult));
  else location.assign(entry.address);
}
