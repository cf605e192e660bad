// Brings a part of the page to what the server draws now, and touches nothing that is the same: whatever is open, scrolled,
// focused or being typed stays as it is.

// What belongs to the reader, not to the server.
const OWN = new Set(["open", "hidden", "tabindex", "aria-pressed", "aria-expanded", "data-moved", "data-shown", "inert", "style"]);
const LEFT_ALONE = "[data-live], [data-live-keep], .chart-tools, dialog, .popmenu, input[type=hidden]";
const CHART = ".chart[data-figure]";
const NUMBER = "td, dd, .num, .n, .figure, .count, .zone, b";

const isTyped = (element) =>
  element.matches("form, input, textarea, select") && element.contains(document.activeElement)
  && document.activeElement.matches("input:not([type=radio], [type=checkbox]), textarea, select");

function keyOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  if (node.id) return `#${node.id}`;
  if (node.dataset?.key) return `=${node.dataset.key}`;
  if (node.dataset?.figure) return `chart ${node.dataset.figure}`;
  return node.matches("li, tr") ? node.querySelector("a[href]")?.getAttribute("href") ?? "" : "";
}

const isAlike = (old, fresh) =>
  old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && old.classList?.[0] === fresh.classList?.[0];

// A button that sends what it is pressed for says what the server knows; any other one is the page's own.
const isOwn = (element, name) => OWN.has(name) && !(name === "aria-pressed" && element.matches("button[name]"));

function attributes(old, fresh) {
  for (const { name, value } of fresh.attributes) {
    if (!isOwn(old, name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!isOwn(old, name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
}

function children(old, fresh, news) {
  const keyed = new Map();
  for (const child of old.children) { const key = keyOf(child); if (key && !keyed.has(key)) keyed.set(key, child); }
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const key = keyOf(child);
    let kept = key ? keyed.get(key) : at;
    if (!key) while (kept && (keyOf(kept) || !isAlike(kept, child))) kept = kept.nextSibling;
    else keyed.delete(key);
    if (kept && isAlike(kept, child)) {
      if (kept === at) at = at.nextSibling;
      else old.insertBefore(kept, at);
      node(kept, child, news);
    } else {
      const added = document.importNode(child, true);
      old.insertBefore(added, at);
      if (added.nodeType === Node.ELEMENT_NODE) news.added.push(added);
    }
  }
  while (at) {
    const next = at.nextSibling;
    if (!at.matches?.(LEFT_ALONE)) { at.remove(); news.count += 1; }
    at = next;
  }
}

function node(old, fresh, news) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data === fresh.data) return;
    const isWord = fresh.data.trim() !== old.data.trim();
    old.data = fresh.data;
    if (!isWord) return;
    news.count += 1;
    const number = old.parentElement?.closest(NUMBER);
    if (number) news.numbers.add(number);
    return;
  }
  if (old.matches("script")) {
    if (old.textContent === fresh.textContent) return;
    old.textContent = fresh.textContent;
    news.count += 1;
    news.figures.push(old.id);
    return;
  }
  if (old.matches(LEFT_ALONE) || isTyped(old)) return;
  if (old.matches(CHART)) { old.setAttribute("aria-label", fresh.getAttribute("aria-label") ?? ""); return; }
  attributes(old, fresh);
  children(old, fresh, news);
}

// Answers what changed: how many words, the numbers among them, the figures of charts, and what is new.
export function morph(old, fresh) {
  const news = { count: 0, numbers: new Set(), figures: [], added: [] };
  attributes(old, fresh);
  children(old, fresh, news);
  news.count += news.added.length;
  return news;
}
