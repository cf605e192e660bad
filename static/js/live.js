// An open dashboard follows the company: it asks once a second whether anything has moved, with one number, and only then
// for itself. What is the same stays untouched, so that nobody loses a place, an open part or a word they are typing.

import { morph } from "./morph.js";

const EACH = 1000;
const REST = 1500;         // many check-ins a second redraw a page no more often than this
const PATIENCE = 5000;
const DRAWN_WITHIN = 15000;
const LONGEST = 30000;
const SHOWN = 2500;

const place = document.querySelector("[data-live]");
const state = { tag: `"${place.dataset.version}"`, failures: 0, drawn: -REST, asking: false, ended: false, timer: 0 };

class Ended extends Error {}

async function get(address, accept, patience, more = {}) {
  const answer = await fetch(address, {
    cache: "no-store", redirect: "manual", headers: { accept, ...more }, signal: AbortSignal.timeout(patience),
  });
  // Led to the door, or nothing there any more: asking again would change nothing.
  if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) throw new Ended();
  if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
  return answer;
}

async function hasMoved() {
  return (await get(place.dataset.live, "application/json", PATIENCE, { "If-None-Match": state.tag })).status !== 304;
}

async function redraw() {
  state.drawn = performance.now();
  const text = await (await get(location.href, "text/html", DRAWN_WITHIN)).text();
  const page = new DOMParser().parseFromString(text, "text/html");
  const fresh = page.querySelector("main");
  const version = page.querySelector("[data-live]")?.dataset.version;
  if (!fresh || version === undefined) throw new Ended();
  if ([...page.querySelectorAll("script[src]")].some((each) => !document.querySelector(`script[src="${each.getAttribute("src")}"]`))) {
    location.reload();  // the first numbers of an empty page come with what draws them, a new edition with its own scripts
    return;
  }
  document.title = page.title;
  document.getElementById("messages")?.append(...page.querySelectorAll("#messages > .toast"));
  const news = morph(document.querySelector("main"), fresh);
  state.tag = `"${version}"`;
  for (const each of news.added) window.htmx?.trigger(each, "htmx:load", { elt: each });
  for (const each of news.added) window.htmx?.process(each);
  for (const id of news.figures) document.dispatchEvent(new CustomEvent("figure:changed", { detail: { id } }));
  document.dispatchEvent(new CustomEvent("live:drawn", { detail: { version: Number(version) } }));
  if (news.count) tell(news.numbers);
}

function tell(numbers) {
  for (const each of numbers) {
    each.removeAttribute("data-moved");
    requestAnimationFrame(() => each.setAttribute("data-moved", ""));
    setTimeout(() => each.removeAttribute("data-moved"), SHOWN);
  }
  const said = place.querySelector("[data-live-said]");
  said.textContent = "";
  requestAnimationFrame(() => { said.textContent = place.dataset.said; });
}

function show() {
  place.querySelector("[data-live-lost]").hidden = state.ended || state.failures < 3;
  place.querySelector("[data-live-ended]").hidden = !state.ended;
}

async function round() {
  clearTimeout(state.timer);
  if (document.hidden || state.ended || state.asking) return;
  state.asking = true;
  let wait = EACH;
  try {
    if (await hasMoved()) {
      const rest = state.drawn + REST - performance.now();
      if (rest > 0) wait = rest;
      else await redraw();
    }
    state.failures = 0;
  } catch (error) {
    state.ended = error instanceof Ended;
    state.failures += 1;
    wait = Math.min(LONGEST, EACH * 2 ** Math.max(0, state.failures - 3));
  }
  state.asking = false;
  show();
  if (!state.ended) state.timer = setTimeout(round, wait);
}

document.addEventListener("visibilitychange", round);
window.addEventListener("online", round);
window.addEventListener("pageshow", (event) => { if (event.persisted) round(); });
round();
