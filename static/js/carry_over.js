// Choosing what goes on: search without leaving, all or none of what is shown, arrows between the boxes.

const form = document.querySelector("[data-carry]");
const filter = document.querySelector("[data-carry-filter]");

const fold = (text) => text.normalize("NFKC").toLowerCase();
const rows = () => [...form.querySelectorAll(".carry-list > li")];
const boxes = () => rows().filter((row) => !row.closest("[hidden]")).flatMap((row) => [...row.querySelectorAll("[name=chosen]")]);

function count() {
  const place = form.querySelector("[data-count]");
  if (!place) return;
  place.hidden = false;
  place.querySelector("[data-number]").textContent = form.querySelectorAll("[name=chosen]:checked").length;
}

function narrow() {
  const words = fold(filter.elements.q.value).split(/\s+/).filter(Boolean);
  const team = filter.elements.team?.value ?? "";
  for (const row of rows()) {
    const text = fold(row.textContent);
    const other = team && row.closest("[data-team]").dataset.team !== team;
    row.hidden = Boolean(other) || !words.every((word) => text.includes(word));
  }
  for (const section of form.querySelectorAll("[data-team]")) {
    section.hidden = !section.querySelector(".carry-list > li:not([hidden])");
  }
}

function tick(event) {
  const link = event.target.closest("[data-tick]");
  if (!link) return;
  event.preventDefault();
  for (const box of boxes()) box.checked = link.dataset.tick === "all";
  count();
}

function step(event) {
  if (!event.target.matches("[name=chosen]") || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const shown = boxes();
  const next = shown[shown.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.closest("li").scrollIntoView({ block: "nearest" });
}

if (form && filter) {
  // What the address narrowed on the server is all there is: then search there again.
  const isWhole = !new URLSearchParams(location.search).get("q") && !new URLSearchParams(location.search).get("team");
  if (isWhole) {
    filter.addEventListener("input", narrow);
    filter.addEventListener("submit", (event) => { event.preventDefault(); narrow(); });
  }
  filter.addEventListener("click", tick);
  form.addEventListener("keydown", step);
  form.addEventListener("change", count);
  count();
}
