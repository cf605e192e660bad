// Meeting-room mode: one sheet fills the screen, then the next. Nobody need touch it; whoever does has the keys.

const main = document.querySelector("main.room");
const dots = main.querySelector(".room-dots");
const tools = main.querySelector(".room-tools");
const button = (name) => tools.querySelector(`[data-room="${name}"]`);
const SMALLEST = 0.4;
const QUIET = 4000;

const state = { at: "", timer: 0, paused: false, lock: null, quiet: 0 };
const sheets = () => [...main.querySelectorAll(".room-sheet")];
const seconds = () => Number(button("seconds").value);

function remember(name, value) { try { localStorage.setItem(name, value); } catch { /* It then holds for this page. */ } }
function remembered(name) { try { return localStorage.getItem(name); } catch { return null; } }

// The sheet is as large as the screen allows: what is too long for it is drawn smaller, never cut.
function fit(sheet) {
  const inside = sheet.firstElementChild;
  let size = 1;
  do {
    inside.style.setProperty("zoom", String(size));
    if (sheet.scrollHeight <= sheet.clientHeight + 1 && sheet.scrollWidth <= sheet.clientWidth + 1) break;
    size -= 0.05;
  } while (size >= SMALLEST);
}

function draw() {
  const all = sheets();
  if (!all.some((each) => each.id === state.at)) state.at = all[0]?.id ?? "";
  for (const each of all) {
    const isShown = each.id === state.at;
    each.toggleAttribute("data-shown", isShown);
    each.inert = !isShown;
    for (const fold of each.querySelectorAll("details[open]")) fold.open = false;
  }
  dots.replaceChildren(...all.map((each) => {
    const dot = Object.assign(document.createElement("button"), { type: "button", title: each.dataset.sheet });
    dot.setAttribute("aria-label", each.dataset.sheet);
    if (each.id === state.at) dot.setAttribute("aria-current", "true");
    dot.addEventListener("click", () => turn(each.id));
    return dot;
  }));
  const shown = document.getElementById(state.at);
  if (shown) fit(shown);
}

function turn(to) {
  state.at = to;
  draw();
  wait();
}

function step(by) {
  const all = sheets();
  if (!all.length) return;
  const at = all.findIndex((each) => each.id === state.at);
  turn(all[(at + by + all.length) % all.length].id);
}

function wait() {
  clearTimeout(state.timer);
  if (!state.paused) state.timer = setTimeout(() => step(1), seconds() * 1000);
}

function pause(isPaused) {
  state.paused = isPaused;
  const each = button("pause");
  each.dataset.pause ??= each.textContent.trim();
  each.setAttribute("aria-pressed", String(isPaused));
  each.querySelector("span").textContent = isPaused ? each.dataset.goOn : each.dataset.pause;
  wait();
}

async function fill() {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await document.documentElement.requestFullscreen();
}
const toggleFull = () => fill().catch(() => { /* A screen that cannot be filled stays as it is. */ });

// A screen that goes dark in the middle of a meeting is of no use. Where this is refused, the device's setting holds.
async function stayAwake() {
  if (document.hidden || state.lock) return;
  try {
    state.lock = await navigator.wakeLock.request("screen");
    state.lock.addEventListener("release", () => { state.lock = null; });
  } catch { state.lock = null; }
}

const skew = Date.now() - Number(main.dataset.moment) * 1000;
const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: main.dataset.zone });
const tick = () => { main.querySelector("[data-clock]").textContent = time.format(new Date(Date.now() - skew)); };

function stir() {
  document.body.classList.remove("room-quiet");
  clearTimeout(state.quiet);
  state.quiet = setTimeout(() => { if (!main.querySelector(".room-foot").matches(":focus-within, :hover")) document.body.classList.add("room-quiet"); }, QUIET);
}

document.addEventListener("keydown", (event) => {
  stir();
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.documentElement.dataset.keys === "off") return;
  if (event.target.matches("select, input, textarea") || document.querySelector("dialog[open]")) return;
  if (event.key === " " && !event.target.closest("button, a, summary")) { event.preventDefault(); pause(!state.paused); }
  else if (event.key === "ArrowRight") { event.preventDefault(); step(1); }
  else if (event.key === "ArrowLeft") { event.preventDefault(); step(-1); }
  else if (event.key === "f") toggleFull();
});
document.addEventListener("pointermove", stir);
document.addEventListener("focusin", stir);
button("pause").addEventListener("click", () => pause(!state.paused));
button("full").addEventListener("click", toggleFull);
button("full").hidden = !document.fullscreenEnabled;
button("seconds").addEventListener("change", () => { remember("room seconds", seconds()); wait(); });
document.addEventListener("live:drawn", draw);
document.addEventListener("visibilitychange", stayAwake);
window.addEventListener("resize", draw);
document.fonts.ready.then(draw);

const kept = remembered("room seconds");
if (kept && [...button("seconds").options].some((each) => each.value === kept)) button("seconds").value = kept;
tools.hidden = false;
document.body.classList.add("room-runs");
draw();
wait();
tick();
stir();
stayAwake();
setInterval(tick, 1000);
