// Meeting mode: everybody sees within two seconds what anybody writes, decides or turns to, and nobody loses a letter.
// Without a script all of it works by links and forms, and by reading the page anew.

import { follow, minutes } from "./following.js";

const main = document.querySelector("[data-live]");
const field = document.getElementById("line");
const form = document.getElementById("line-form");
const PATIENCE = 5000;

const state = {
  looked: main.dataset.looked ?? "",     // the item one looks at by oneself; empty while one follows
  html: new Map(),                       // what each part was made of when it was last drawn
  skew: Date.now() / 1000 - Number(main.dataset.now),
};

const part = (name) => main.querySelector(`[data-part="${name}"]`);
const place = () => part("agenda").querySelector("[data-shown]");
const leads = () => place()?.hasAttribute("data-leads") ?? false;
const keysOff = () => document.documentElement.dataset.keys === "off";
const isTyping = (target) => target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

// Drawing: only what differs is replaced, and nothing that somebody is in.

const isInUse = (element) =>
  element.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")
  || Boolean(element.querySelector("details[open]"));

function draw(name, html) {
  const holder = part(name);
  if (state.html.get(name) === html) return true;
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const done = name === "lines" ? drawLines(holder, fresh.content) : drawWhole(holder, fresh.content);
  if (done) state.html.set(name, html);
  return done;
}

function drawWhole(holder, content) {
  if (isInUse(holder)) return false;
  const focused = holder.contains(document.activeElement) ? pathOf(document.activeElement, holder) : null;
  const scrolled = [...holder.querySelectorAll(".stops"), holder].map((each) => [each === holder ? null : ".stops", each.scrollLeft, each.scrollTop]);
  const before = holder.querySelector("[data-key]")?.dataset.key;
  holder.replaceChildren(content);
  window.htmx?.process(holder);
  const isSame = before === holder.querySelector("[data-key]")?.dataset.key;
  for (const [selector, left, top] of scrolled) {
    const each = selector ? holder.querySelector(selector) : holder;
    if (each && isSame) { each.scrollLeft = left; each.scrollTop = top; }
  }
  if (focused) holder.querySelector(focused)?.focus({ preventScroll: true });
  showStop(holder);
  return true;
}

// Only the list of items moves, not the page under somebody's thumb.
function showStop(holder) {
  const stops = holder.querySelector(".stops");
  const shown = stops?.querySelector("[aria-current]");
  if (!shown) return;
  const right = shown.offsetLeft + shown.offsetWidth;
  if (shown.offsetLeft < stops.scrollLeft || right > stops.scrollLeft + stops.clientWidth) stops.scrollLeft = shown.offsetLeft - stops.clientWidth / 3;
}

function pathOf(element, holder) {
  const row = element.closest("[id]");
  const inside = row && holder.contains(row) ? `#${CSS.escape(row.id)} ` : "";
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.dataset.key) return `[data-key="${CSS.escape(element.dataset.key)}"]`;
  if ("next" in element.dataset) return "[data-next]";
  return `${inside}${element.localName}`;
}

function drawLines(holder, content) {
  const list = holder.querySelector(".minute-lines");
  const fresh = content.querySelector(".minute-lines");
  const isAtEnd = holder.scrollHeight - holder.scrollTop - holder.clientHeight < 60;
  const isFirst = !state.html.has("lines");
  let whole = true;
  const wanted = new Set();
  let after = null;
  for (const row of [...fresh.children]) {
    wanted.add(row.id);
    const old = document.getElementById(row.id);
    let kept = old;
    if (!old) {
      if (!isFirst) row.dataset.new = "";
      kept = row;
    } else if (state.html.get(row.id) !== row.outerHTML && !(isFirst && same(old, row))) {
      if (isInUse(old)) { whole = false; }
      else { kept = row; }
    }
    if (kept === row) {
      state.html.set(row.id, outer(row));
      if (old) old.replaceWith(row);
      window.htmx?.process(row);
    } else if (isFirst) state.html.set(row.id, outer(row));
    if (after ? after.nextElementSibling !== kept : list.firstElementChild !== kept) {
      if (after) after.after(kept); else list.prepend(kept);
    }
    after = kept;
  }
  for (const row of [...list.children]) {
    if (wanted.has(row.id)) continue;
    if (isInUse(row)) whole = false;
    else row.remove();
  }
  holder.querySelector("#no-lines")?.toggleAttribute("hidden", list.children.length > 0);
  if (isAtEnd || isFirst) holder.scrollTop = holder.scrollHeight;
  return whole;
}

// Tokens against forgery differ with every answer, and say nothing.
const outer = (row) => row.outerHTML.replace(/ data-new=""/, "");
const same = (old, row) => words(old) === words(row);
const words = (row) => `${row.dataset.kind} ${row.textContent.replace(/\s+/g, " ")}`;

// Asking

function address() {
  const place = new URL(main.dataset.live, location.href);
  if (state.looked) place.searchParams.set("item", state.looked);
  return place;
}

function take(news) {
  if (news.ended) { leave(); return true; }
  const drawn = Object.entries(news.parts).map(([name, html]) => draw(name, html));
  state.skew = Date.now() / 1000 - news.now;
  for (const input of main.querySelectorAll("[data-item]")) input.value = news.item;
  return drawn.every(Boolean);
}

const line = follow({ address, take, lost: (isLost) => { main.querySelector(".meeting-lost").hidden = !isLost; } });

function leave() {
  if (field?.value.trim()) { try { sessionStorage.setItem(`line ${main.dataset.page}`, field.value); } catch { /* It is lost then. */ } }
  location.replace(main.dataset.page);
}

// Moving: whoever leads takes everybody along, everybody else looks by themselves and comes back.

function look(key) {
  state.looked = key === place()?.dataset.current ? "" : key;
  const address = new URL(main.dataset.page, location.href);
  if (state.looked) address.searchParams.set("item", state.looked);
  history.replaceState(null, "", address);
  return line.anew();
}

async function lead(key, done = "") {
  const sent = new FormData();
  sent.set("go", key);
  if (done) sent.set("done", done);
  state.looked = "";
  history.replaceState(null, "", main.dataset.page);
  try {
    await fetch(main.dataset.move, { method: "POST", body: sent, headers: { "HX-Request": "true", ...JSON.parse(document.body.getAttribute("hx-headers")) } });
  } catch { line.fail(); }
  return line.anew();
}

const turn = (key) => (leads() ? lead(key) : look(key));

main.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (event.target.closest("[data-follow]")) { event.preventDefault(); look(""); return; }
  if (event.target.closest("[data-lead]")) {
    event.preventDefault();
    lead(place().dataset.shown);
    return;
  }
  const link = event.target.closest("a[data-key]");
  if (!link) return;
  event.preventDefault();
  turn(link.dataset.key);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target === field) { field.blur(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
  if (keysOff() || document.querySelector("dialog[open]")) return;
  const at = place();
  if (event.key === "m" && field && !event.repeat) { event.preventDefault(); field.focus(); }
  else if (event.target.matches?.("[type=radio]")) return;
  else if (event.key === "ArrowRight" && at?.dataset.after) { event.preventDefault(); leads() && !state.looked ? lead(at.dataset.after, at.dataset.shown) : look(at.dataset.after); }
  else if (event.key === "ArrowLeft" && at?.dataset.before) { event.preventDefault(); turn(at.dataset.before); }
});

// Writing

let reading = 0;
function readLine() {
  clearTimeout(reading);
  reading = setTimeout(async () => {
    const said = new URLSearchParams(new FormData(form));
    for (const name of ["csrfmiddlewaretoken", "submission_key", "item"]) said.delete(name);
    const asked = field.value;
    try {
      const answer = await fetch(`${field.dataset.read}?${said}`, { signal: AbortSignal.timeout(PATIENCE) });
      if (answer.ok && asked === field.value) show(await answer.text());
    } catch { /* What a line reads as is a help, not a need. */ }
  }, 150);
}

function show(html) {
  const old = document.getElementById("reading");
  if (old.contains(document.activeElement) && document.activeElement.matches("[type=date]")) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  old.replaceWith(fresh.content);
  if (focused) document.querySelector(`#reading [name="${focused.name}"][value="${CSS.escape(focused.value)}"]`)?.focus();
}

if (form) {
  try {
    const kept = sessionStorage.getItem(`line ${main.dataset.page}`);
    if (kept && !field.value) { field.value = kept; readLine(); }
    sessionStorage.removeItem(`line ${main.dataset.page}`);
  } catch { /* A device without a memory. */ }
  field.addEventListener("input", readLine);
  form.addEventListener("change", (event) => { if (event.target !== field) readLine(); });
  let sent = "";
  form.addEventListener("htmx:beforeRequest", () => { sent = field.value; clearTimeout(reading); });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) return;
    if (field.value === sent) field.value = "";
    else if (field.value.startsWith(sent)) field.value = field.value.slice(sent.length);
    field.focus();
    if (field.value) readLine();
  });
}
main.addEventListener("htmx:afterRequest", (event) => {
  for (const menu of main.querySelectorAll("details[data-menu][open]")) menu.open = false;
  if (event.detail.elt.querySelector?.("[name=pull], [name=go]")) { state.looked = ""; history.replaceState(null, "", main.dataset.page); }
  line.anew();
});

// Time, without hurry: what is left of the meeting, and how long the item has taken.

const clock = main.querySelector("[data-clock]");
const label = document.getElementById("clock-label");
function tick() {
  const present = Date.now() / 1000 - state.skew;
  const gone = Math.max(0, present - Number(main.dataset.started));
  const planned = Number(main.dataset.planned ?? 0) * 60;
  const left = planned - gone;
  label.textContent = !planned ? label.dataset.gone : left >= 0 ? label.dataset.left : label.dataset.over;
  clock.textContent = minutes(planned ? Math.abs(left) : gone);
  const elapsed = main.querySelector("[data-elapsed]");
  if (elapsed) {
    const since = elapsed.dataset.since ? Math.max(0, present - Number(elapsed.dataset.since)) : 0;
    elapsed.textContent = minutes(Number(elapsed.dataset.elapsed) + since);
  }
}
setInterval(tick, 1000);
tick();
line.round();
