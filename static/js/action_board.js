// The board of actions: a card is dragged into another column with a mouse or, by its grip, with a finger. What that does
// is done by the card's own buttons, which also work with the keyboard and without this file.

const NEAR = 5, EDGE = 90;
const said = document.getElementById("board-said");
let pressed = null;
let sent = null;
let carried = false;

const board = () => document.getElementById("rows");
const titleOf = (card) => card.querySelector(".name > a").textContent.trim();
const labelOf = (column) => column.querySelector("h2").textContent.trim();
const formTo = (card, column) => card.querySelector(`form[data-to="${column.dataset.column}"]`);

function say(sentence, card, column) {
  said.textContent = sentence.replace("{title}", titleOf(card)).replace("{column}", labelOf(column));
}

function wake() {
  for (const grip of document.querySelectorAll("#rows [data-grip]")) grip.hidden = false;
}

document.addEventListener("pointerdown", (event) => {
  const card = event.target.closest?.("#rows .action-card[data-movable]");
  if (!card || event.button || pressed || sent) return;
  carried = false;
  const grip = event.target.closest("[data-grip]");
  if (event.target.closest("button, summary") || (event.pointerType !== "mouse" && !grip)) return;
  pressed = { card, x: event.clientX, y: event.clientY, id: event.pointerId };
});

function take() {
  const { card } = pressed;
  card.dataset.held = "";
  document.body.dataset.carrying = "";
  for (const column of document.querySelectorAll("#rows .board-column")) column.toggleAttribute("data-cannot", !column.contains(card) && !formTo(card, column));
  const ghost = pressed.ghost = document.createElement("p");
  ghost.className = "card-ghost";
  ghost.textContent = titleOf(card);
  document.body.append(ghost);
  follow();
}

document.addEventListener("pointermove", (event) => {
  if (!pressed || event.pointerId !== pressed.id) return;
  const far = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > NEAR;
  if (!pressed.ghost && !far) return;
  pressed.x = event.clientX;
  pressed.y = event.clientY;
  if (!pressed.ghost) take();
});

// Once a frame: the label follows, the page scrolls at its edges, and the column under the pointer is marked.
function follow() {
  if (!pressed?.ghost) return;
  const { x, y, ghost, card } = pressed;
  ghost.style.transform = `translate(${Math.min(x + 14, innerWidth - ghost.offsetWidth - 8)}px, ${y + 12}px)`;
  if (y < EDGE) scrollBy(0, (y - EDGE) / 4);
  else if (y > innerHeight - EDGE) scrollBy(0, (y - innerHeight + EDGE) / 4);
  const column = document.elementFromPoint(x, y)?.closest("#rows .board-column");
  const aimed = column && formTo(card, column) ? column : null;
  if (aimed !== pressed.at) {
    pressed.at?.removeAttribute("data-aim");
    aimed?.setAttribute("data-aim", "");
    pressed.at = aimed;
  }
  requestAnimationFrame(follow);
}

function put() {
  if (!pressed) return null;
  const { card, at, ghost } = pressed;
  ghost?.remove();
  at?.removeAttribute("data-aim");
  delete card.dataset.held;
  delete document.body.dataset.carrying;
  for (const column of document.querySelectorAll("#rows [data-cannot]")) column.removeAttribute("data-cannot");
  pressed = null;
  return ghost && at ? { card, at } : null;
}

document.addEventListener("pointerup", (event) => {
  if (!pressed || event.pointerId !== pressed.id) return;
  carried = Boolean(pressed.ghost);
  setTimeout(() => { carried = false; });
  const dropped = put();
  if (dropped) formTo(dropped.card, dropped.at).requestSubmit();
});
document.addEventListener("pointercancel", put);
// A card that was carried by its title was not clicked.
document.addEventListener("click", (event) => { if (carried) event.preventDefault(); carried = false; }, true);
document.addEventListener("dragstart", (event) => { if (event.target.closest?.(".action-card")) event.preventDefault(); });
document.addEventListener("keydown", (event) => { if (event.key === "Escape") put(); });
document.addEventListener("selectstart", (event) => { if (pressed) event.preventDefault(); });

// The card is in its new column at once, and back in the old one where the sending failed.
document.addEventListener("htmx:beforeRequest", (event) => {
  const card = event.target.closest?.("#rows .action-card");
  if (!card) return;
  const column = board().querySelector(`.board-column[data-column="${event.target.dataset.to}"]`);
  sent = { card, id: card.id, from: card.closest(".board-column"), before: card.nextElementSibling, list: card.parentElement, column };
  card.dataset.sent = "";
  const list = column.querySelector(":scope > ol");
  if (list) list.prepend(card);
});

function comeBack() {
  if (!sent) return;
  const { card, list, before, from } = sent;
  sent = null;
  list.insertBefore(card, before);
  delete card.dataset.sent;
  say(board().dataset.saidNotMoved, card, from);
}
for (const failed of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(failed, comeBack);

document.addEventListener("htmx:afterSettle", () => {
  wake();
  if (!sent) return;
  const card = document.getElementById(sent.id);
  sent = null;
  card?.querySelector(".name > a").focus({ preventScroll: true });
  if (card) say(board().dataset.saidMoved, card, card.closest(".board-column"));
});
wake();
