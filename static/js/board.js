// The plan's board: an objective is dragged, or carried with the keyboard, to what it helps. Teams fold in and out.
// Without it the same is done on the page of an objective's connections.

const words = JSON.parse(document.getElementById("board-words")?.textContent ?? "{}");
const said = document.getElementById("board-said");
const FOLDED = `plan-folded:${location.pathname}`;
const NEAR = 5, EDGE = 90, LONG_PRESS = 350, OPEN_AFTER = 600;

const say = (sentence, values = {}) => {
  said.textContent = sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
};
const rowOf = (part) => part.closest("li[data-parent][id], li[data-moves]");
const addressOf = (row, act) => document.getElementById("board").dataset[act].replace("/0/", `/${row.dataset.parent}/`);
const titleOf = (place) => place.querySelector("a").textContent.trim();

/* What is in hand. Everything may be a parent until the server has said what builds on it. */

let hand = null;

async function take(row) {
  put();
  hand = { row, grip: row.querySelector("[data-grip]"), helps: row.dataset.helps.split(" "), below: new Set([row.dataset.parent]), at: null };
  row.dataset.held = "";
  document.getElementById("board").dataset.carrying = "";
  mark();
  const mine = hand;
  try {
    const answer = await fetch(addressOf(row, "below"), { headers: { "HX-Request": "true" } });
    if (answer.ok && hand === mine) { mine.below = new Set((await answer.json()).ids.map(String)); mark(); }
  } catch { /* The server refuses what cannot be, also then. */ }
}

function may(place) {
  const name = place.dataset.parent;
  return !hand.helps.includes(name) && !hand.below.has(rowOf(place)?.dataset.parent ?? name);
}

function mark() {
  for (const place of document.querySelectorAll("#board [data-parent]")) place.toggleAttribute("data-cannot", !may(place));
}

function aim(place) {
  if (hand.at === place) return;
  hand.at?.removeAttribute("data-aim");
  hand.at = place;
  place?.setAttribute("data-aim", "");
}

function put() {
  if (!hand) return;
  aim(null);
  delete hand.row.dataset.held;
  delete document.getElementById("board").dataset.carrying;
  for (const place of document.querySelectorAll("#board [data-cannot]")) place.removeAttribute("data-cannot");
  hand = null;
}

function leave() {
  const grip = hand?.grip;
  put();
  say(words.left);
  grip?.focus();
}

async function drop() {
  const { row, at } = hand;
  if (!at) return leave();
  const parent = at.dataset.parent;
  put();
  await send(addressOf(row, "align"), { parent }, row.id);
}

async function send(address, values, focused) {
  const body = new URLSearchParams(values);
  const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "X-Board": "1" };
  let text;
  try {
    const answer = await fetch(address, { method: "POST", body, headers });
    if (!answer.ok && answer.status !== 422) throw new Error(answer.status);
    text = await answer.text();
  } catch { return document.dispatchEvent(new CustomEvent("htmx:sendError")); }
  const answer = document.createElement("template");
  answer.innerHTML = text;
  for (const fresh of answer.content.querySelectorAll("li[id^='objective-']")) {
    const stale = document.getElementById(fresh.id);
    if (!stale) continue;
    const wasOpen = stale.querySelector(".row-krs")?.open;
    stale.replaceWith(fresh);
    window.htmx.process(fresh);
    wake(fresh);
    if (wasOpen) fresh.querySelector(".row-krs").open = true;
  }
  const told = answer.content.getElementById("messages");
  const place = document.getElementById("messages");
  place.replaceChildren(...told.childNodes);
  for (const close of place.querySelectorAll("[data-dismiss]")) close.hidden = false;
  document.getElementById(focused)?.querySelector("[data-grip]")?.focus({ preventScroll: true });
}

// A connection made here is undone here; without the script the form leads back to the board.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("#messages form[action*='/align/board/']")) return;
  event.preventDefault();
  const address = new URL(form.action);
  send(form.action, {}, `objective-${address.pathname.match(/objectives\/(\d+)\//)[1]}`);
});

/* With the keyboard: Space, Enter or m picks up, arrows choose, Enter connects, Escape puts back. A click chooses too. */

const isShown = (place) => place.checkVisibility?.() ?? place.offsetParent !== null;
const places = () => [...document.querySelectorAll("#board [data-parent]:not([data-cannot])")].filter(isShown);

function step(to) {
  const all = places();
  if (!all.length) return say(words.nowhere);
  const here = all.indexOf(hand.at);
  const next = { ArrowDown: here + 1, ArrowUp: here < 0 ? all.length - 1 : here - 1, Home: 0, End: all.length - 1 }[to];
  const place = all[(next + all.length) % all.length];
  aim(place);
  place.scrollIntoView({ block: "nearest" });
  say(words.at, { place: titleOf(place), number: all.indexOf(place) + 1, count: all.length });
}

function openKeyResults(place, then = () => {}) {
  const details = place?.querySelector(":scope > .name > .row-krs");
  if (!details) return;
  if (details.querySelector("[data-parent]")) { details.open = true; mark(); return then(); }
  details.addEventListener("htmx:afterSettle", () => { if (hand) { mark(); then(); } }, { once: true });
  details.open = true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!hand || hand.pointer) {
    if (event.key === "Escape" && hand) { event.stopImmediatePropagation(); endDrag(); return leave(); }
    const row = event.key === "m" && document.documentElement.dataset.keys !== "off" && document.activeElement?.closest("li[data-moves]");
    if (row && !document.activeElement.matches("input, select, textarea")) { event.preventDefault(); carry(row); }
    return;
  }
  event.stopImmediatePropagation();
  if (event.key === "Tab") return leave();
  event.preventDefault();
  if (event.key === "Escape") leave();
  else if (event.key === "Enter" || event.key === " ") { if (!event.repeat) drop(); }
  else if (["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) step(event.key);
  else if (event.key === "ArrowRight") openKeyResults(hand.at, () => step("ArrowDown"));
  else if (event.key === "ArrowLeft" && hand.at) {
    const row = hand.at.closest(".row-krs")?.closest("li[id]") ?? hand.at;
    const details = row.querySelector(":scope > .name > .row-krs");
    if (details) details.open = false;
    aim(row);
  }
}, true);

function carry(row) {
  take(row);
  hand.grip.focus({ preventScroll: true });
  say(words.picked, { title: titleOf(row.querySelector(".name")) });
}

document.addEventListener("click", (event) => {
  const grip = event.target.closest("[data-grip]");
  if (grip && !("dragged" in grip.dataset)) return hand ? leave() : carry(grip.closest("li"));
  if (!hand || hand.pointer) return;
  const place = event.target.closest("#board [data-parent]");
  if (event.target.closest(".row-krs > summary")) return;
  event.preventDefault();
  event.stopPropagation();
  if (!place || !may(place)) return leave();
  aim(place);
  drop();
}, true);

/* With a mouse, a pen or a finger. */

let pressed = null;

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.("[data-grip]");
  if (!grip || event.button || hand) return;
  delete grip.dataset.dragged;
  pressed = { grip, row: grip.closest("li"), x: event.clientX, y: event.clientY, id: event.pointerId };
  if (event.pointerType !== "mouse") pressed.timer = setTimeout(() => beginDrag(), LONG_PRESS);
  grip.setPointerCapture(event.pointerId);
});

function beginDrag() {
  if (!pressed || pressed.ghost) return;
  clearTimeout(pressed.timer);
  take(pressed.row);
  hand.pointer = true;
  pressed.grip.dataset.dragged = "";
  const ghost = pressed.ghost = document.createElement("p");
  ghost.className = "board-ghost word";
  ghost.textContent = titleOf(pressed.row.querySelector(".name"));
  document.body.append(ghost);
  navigator.vibrate?.(8);
  follow();
}

document.addEventListener("pointermove", (event) => {
  if (!pressed || event.pointerId !== pressed.id) return;
  const far = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > NEAR;
  pressed.x = pressed.ghost || far ? event.clientX : pressed.x;
  pressed.y = pressed.ghost || far ? event.clientY : pressed.y;
  if (far) beginDrag();
});

// Once a frame: the label follows, the page scrolls at its edges, and what lies under the pointer is aimed at.
function follow() {
  if (!pressed?.ghost) return;
  const { x, y, ghost } = pressed;
  ghost.style.transform = `translate(${Math.min(x + 14, innerWidth - ghost.offsetWidth - 8)}px, ${y + 12}px)`;
  if (y < EDGE) scrollBy(0, (y - EDGE) / 4);
  else if (y > innerHeight - EDGE) scrollBy(0, (y - innerHeight + EDGE) / 4);
  const place = document.elementFromPoint(x, y)?.closest("#board [data-parent]");
  if (place !== pressed.over) {
    pressed.over = place;
    clearTimeout(pressed.opening);
    pressed.opening = setTimeout(() => openKeyResults(place), OPEN_AFTER);
  }
  aim(place && may(place) ? place : null);
  requestAnimationFrame(follow);
}

function endDrag() {
  if (!pressed) return;
  clearTimeout(pressed.timer);
  clearTimeout(pressed.opening);
  pressed.ghost?.remove();
  pressed = null;
}

document.addEventListener("pointerup", (event) => {
  if (!pressed || event.pointerId !== pressed.id) return;
  const { ghost, grip } = pressed;
  if (!ghost) return endDrag();
  const place = document.elementFromPoint(event.clientX, event.clientY)?.closest("#board [data-parent]");
  endDrag();
  if (!hand) return;
  aim(place && may(place) ? place : null);
  if (hand.at) drop(); else put();
  setTimeout(() => delete grip.dataset.dragged);
});
document.addEventListener("pointercancel", (event) => { if (pressed?.id === event.pointerId) { endDrag(); put(); } });

/* Teams fold in with all below them; which ones, the browser remembers. */

const folded = () => { try { return new Set(JSON.parse(localStorage.getItem(FOLDED) ?? "[]")); } catch { return new Set(); } };

function fold(shut = folded()) {
  let deeper = Infinity;
  for (const section of document.querySelectorAll("#board .plan-team")) {
    const depth = Number(section.dataset.depth);
    if (depth <= deeper) deeper = Infinity;
    section.hidden = depth > deeper;
    const isShut = shut.has(section.id);
    section.toggleAttribute("data-folded", isShut);
    if (isShut && deeper === Infinity) deeper = depth;
    const button = section.querySelector("[data-fold-team]");
    button.setAttribute("aria-expanded", String(!isShut));
    button.setAttribute("aria-label", `${isShut ? words.unfold : words.fold} ${document.getElementById(`${section.id}-name`).lastChild.textContent.trim()}`);
  }
}

document.addEventListener("click", (event) => {
  const section = event.target.closest("[data-fold-team]")?.closest(".plan-team");
  if (!section) return;
  const shut = folded();
  if (!shut.delete(section.id)) shut.add(section.id);
  fold(shut);
  try { localStorage.setItem(FOLDED, JSON.stringify([...shut])); } catch { /* It then holds for this page. */ }
});

function wake(root) {
  for (const part of root.querySelectorAll("[data-grip], [data-fold-team]")) part.hidden = false;
}

function begin(board) {
  wake(board);
  fold();
  const asked = location.hash && document.getElementById(location.hash.slice(1));
  const team = asked && board.contains(asked) && asked.closest(".plan-team");
  if (team && (team.hidden || "folded" in team.dataset)) { team.hidden = false; delete team.dataset.folded; asked.scrollIntoView(); }
}
if (document.getElementById("board")) begin(document.getElementById("board"));
document.addEventListener("htmx:load", (event) => { if (event.detail.elt.id === "board") { hand = null; begin(event.detail.elt); } });
