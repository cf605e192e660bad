// A retrospective in the browser: everybody sees within two seconds what anybody does, as far as the stage allows, and
// nobody loses a letter. Without a script all of it works by links and forms, and by reading the page anew.

import { follow, minutes } from "./following.js";
import { morph } from "./morph.js";

const main = document.querySelector("main[data-room]");
const PATIENCE = 8000;
const state = {
  stage: main.dataset.stage,
  html: new Map(),                       // what each part was made of when it was last drawn
  carried: "",                           // the note that is about to be laid on another one
  skew: Date.now() / 1000 - Number(main.dataset.now),
  left: Infinity,
};
main.dataset.scripted = "";

const part = (name) => main.querySelector(`[data-part="${name}"]`);
const TYPED = "textarea, input:not([type=hidden], [type=radio], [type=checkbox])";
const isBegun = (field) => field.value.trim() !== field.defaultValue.trim();

// Drawing: only what differs is touched; who types is left alone, and so is a form with something unsent in it.

function draw(name, html) {
  const holder = part(name);
  if (state.html.get(name) === html) return;
  state.html.set(name, html);
  const fresh = holder.cloneNode(false);
  fresh.innerHTML = html;
  morph(holder, fresh);
  showCarried();
}

function takeNews(news) {
  if (news.ended) { leave(); return true; }
  main.querySelector(".look-over").hidden = true;
  if (news.stage !== state.stage) changeStage(news.stage);
  state.skew = Date.now() / 1000 - news.now;
  for (const [name, html] of Object.entries(news.parts)) draw(name, html);
  showSummary(news.summary);
  tick();
  return true;
}

// Whoever is in the middle of a word when the retrospective ends goes on to its result when they have kept it.
function leave() {
  const isKept = [...main.querySelectorAll(TYPED)].some(isBegun);
  if (!isKept) { location.replace(main.dataset.page); return; }
  const over = main.querySelector(".look-over");
  if (over.hidden) { over.hidden = false; over.scrollIntoView({ block: "nearest" }); }
}

const line = follow({
  address: () => main.dataset.room,
  take: takeNews,
  lost: (isLost) => { main.querySelector(".look-lost").hidden = !isLost; },
});

// What was left alone while somebody typed is drawn once they are done.
main.addEventListener("focusout", (event) => {
  if (!event.target.matches("input, textarea, select")) return;
  state.html.clear();
  line.anew();
});

// A note begun while the others went on is not lost: it is shown beside, to be said or copied.
function changeStage(stage) {
  const isOver = !["writing", "grouping"].includes(stage);
  const begun = isOver ? [...main.querySelectorAll("[data-write] textarea")].filter(isBegun) : [];
  for (const field of begun) {
    keepUnsent(field.value);
    field.form.reset();
    if (field === document.activeElement) field.blur();
    field.form.removeAttribute("data-live-keep");
  }
  state.stage = main.dataset.stage = stage;
  putBack();
  const summary = document.getElementById("look-summary");
  if (summary) summary.hidden = stage !== "talking" && !isBegun(summary.elements.summary);
}

function keepUnsent(words) {
  const place = main.querySelector(".look-unsent");
  const row = document.createElement("li");
  row.className = "word";
  row.textContent = words;
  place.querySelector("ul").append(row);
  place.hidden = false;
}

main.addEventListener("input", (event) => {
  const form = event.target.closest("[data-write], [data-make]");
  if (!form || !event.target.matches(TYPED)) return;
  const keeper = form.closest(".look-large") ?? form;
  const isKept = [...keeper.querySelectorAll(TYPED)].some(isBegun);
  keeper.toggleAttribute("data-live-keep", isKept);
});

// Sending: every act of the room goes as its form says, and everybody's page is drawn anew by asking.

async function post(address, sent) {
  const head = { "HX-Request": "true", ...JSON.parse(document.body.getAttribute("hx-headers")) };
  sent.delete("csrfmiddlewaretoken");
  try {
    const answer = await fetch(address, { method: "POST", body: sent, headers: head, signal: AbortSignal.timeout(PATIENCE) });
    const words = answer.status === 204 ? "" : await answer.text();
    if (answer.status === 200) tell(words);
    say(answer.ok ? "" : answer.status === 422 ? words : main.querySelector(".look-lost").textContent);
    return answer.ok;
  } catch {
    line.fail();
    say(main.querySelector(".look-lost").textContent);
    return false;
  } finally {
    line.anew();
  }
}

function say(words) {
  const place = main.querySelector(".look-refused");
  place.textContent = words;
  place.hidden = !words;
}

function tell(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const toasts = fresh.content.querySelectorAll(".toast");
  for (const form of fresh.content.querySelectorAll("form")) form.dataset.act = "";
  document.getElementById("messages")?.append(...toasts);
}

// Also where there is no secure line, on which alone browsers make such words themselves.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function send(form, button) {
  if (form.dataset.sending !== undefined) return;
  const sent = new FormData(form, button);
  const typed = [...form.querySelectorAll(TYPED)].map((field) => [field, field.value]);
  form.dataset.sending = "";
  const isDone = await post(form.action, sent);
  delete form.dataset.sending;
  if (!isDone) return;
  for (const fold of main.querySelectorAll(".look-fold[open]")) fold.open = false;
  if (form.id === "look-summary") return wasSaved(form, sent.get("summary"));
  for (const [field, value] of typed) {
    // What was typed while the line was busy is the next thing, not a part of this one.
    if (field.value === value) field.value = field.defaultValue;
    else if (field.value.startsWith(value)) field.value = field.value.slice(value.length);
  }
  const once = form.querySelector("[data-key-once]");
  if (once) once.value = newKey();
  const keeper = form.closest(".look-large") ?? form;
  if (![...keeper.querySelectorAll(TYPED)].some(isBegun)) keeper.removeAttribute("data-live-keep");
  if (form.matches("[data-write]")) form.querySelector("textarea").focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || "plain" in form.dataset) return;
  if (!main.contains(form) && !("act" in form.dataset)) return;
  event.preventDefault();
  if ("act" in form.dataset) form.closest(".toast")?.remove();
  send(form, event.submitter);
});

main.addEventListener("change", (event) => { event.target.closest("[data-at-once]")?.requestSubmit(); });

// What people take with them is written by several: what another saved is shown unless one is in the middle of it.
function showSummary(words) {
  const form = document.getElementById("look-summary");
  if (!form) return;
  const field = form.elements.summary;
  if (field === document.activeElement || isBegun(field)) return;
  field.defaultValue = field.value = words;
  form.elements.was.value = words;
}

function wasSaved(form, words) {
  form.elements.summary.defaultValue = words;
  form.elements.was.value = words;
  form.querySelector("[data-saved]").hidden = false;
}
document.getElementById("look-summary")?.addEventListener("input", (event) => {
  event.currentTarget.querySelector("[data-saved]").hidden = true;
});

// Gathering: drag a note onto another, or pick it up and choose where it goes, by key, mouse or thumb.

const noteOf = (target) => target.closest?.("[data-note]");

function pick(note) {
  state.carried = note;
  main.toggleAttribute("data-carrying", Boolean(note));
  main.querySelector(".look-carry").hidden = !note;
  showCarried();
}

function putBack() { pick(""); }

function showCarried() {
  for (const each of main.querySelectorAll("[data-note]")) {
    each.toggleAttribute("data-carried", Boolean(state.carried) && each.dataset.note === state.carried);
  }
}

async function lay(note, under) {
  putBack();
  if (!note || note === under) return;
  const sent = new FormData();
  sent.set("under", under);
  await post(main.dataset.groupAddress.replace("/0/", `/${note}/`), sent);
  document.querySelector(`#note-${CSS.escape(under || note)} [data-pick], #note-${CSS.escape(under || note)} button`)?.focus();
}

main.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (event.target.closest("[data-put-back]")) { putBack(); return; }
  const laid = event.target.closest("[data-lay]");
  if (laid) { lay(state.carried, noteOf(laid).dataset.note); return; }
  const picked = event.target.closest("[data-pick]");
  if (!picked) return;
  event.preventDefault();
  pick(noteOf(picked).dataset.note);
  main.querySelector("[data-note]:not([data-carried]) > [data-lay]")?.focus();
});

main.addEventListener("dragstart", (event) => {
  const note = noteOf(event.target);
  if (!note?.draggable) return;
  event.dataTransfer.setData("text/plain", note.dataset.note);
  event.dataTransfer.effectAllowed = "move";
  state.dragged = note.dataset.note;
});
main.addEventListener("dragover", (event) => {
  if (!state.dragged || !event.target.closest(".look-column")) return;
  event.preventDefault();
  const over = noteOf(event.target);
  for (const each of main.querySelectorAll("[data-over]")) if (each !== over) each.removeAttribute("data-over");
  if (over && over.dataset.note !== state.dragged) over.dataset.over = "";
});
main.addEventListener("drop", (event) => {
  if (!state.dragged) return;
  event.preventDefault();
  const over = noteOf(event.target);
  const own = document.getElementById(`note-${state.dragged}`);
  // Beside all notes it lies by itself again; within itself nothing happens.
  if (over ? !own?.contains(over) : own?.closest(".gathered")) lay(state.dragged, over?.dataset.note ?? "");
});
main.addEventListener("dragend", () => {
  state.dragged = "";
  for (const each of main.querySelectorAll("[data-over]")) each.removeAttribute("data-over");
});

// Keys: Enter keeps a note and waits for the next, Escape puts back what is carried, arrows lead from note to note.

const keysOff = () => document.documentElement.dataset.keys === "off";
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Escape" && state.carried) { putBack(); return; }
  const form = event.target.closest?.("[data-write]");
  if (form && event.target.matches("textarea") && event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    if (event.target.value.trim()) form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || keysOff() || event.target.matches?.("input, textarea, select")) return;
  const turn = { ArrowRight: "after", ArrowLeft: "before" }[event.key];
  const button = turn && main.querySelector(`[data-turn="${turn}"]`);
  if (button) { event.preventDefault(); button.form.requestSubmit(button); }
});

// Time by the server's clock: whatever the devices say, everybody sees the same minute.
function tick() {
  const timer = document.getElementById("look-timer");
  const clock = timer?.querySelector("[data-clock]");
  if (!clock) { state.left = Infinity; return; }
  const ends = Number(timer.dataset.ends ?? 0);
  const left = ends ? Math.max(0, Math.round(ends - (Date.now() / 1000 - state.skew))) : Number(timer.dataset.left);
  const words = minutes(left);
  if (clock.textContent !== words) clock.textContent = words;
  const isUp = Boolean(ends) && left === 0;
  clock.toggleAttribute("data-moved", isUp);
  const said = main.querySelector("[data-time-up]");
  if (isUp && state.left > 0 && state.left !== Infinity) said.textContent = said.dataset.words;
  else if (!isUp) said.textContent = "";
  state.left = left;
}
setInterval(tick, 500);
tick();
if (window.matchMedia("(max-width: 60rem)").matches) document.getElementById("look-facts").open = false;
line.round();
