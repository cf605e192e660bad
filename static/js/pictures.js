// Pictures and files of what the server drew: SVG, and tables whose cells are coloured. Whatever bears
// `data-picture` is painted as it stands on the page, in the colours of the moment.

import { fileName, saveFile, saveTable } from "./chart_tools.js";

const scale = 2;
const margin = 16;
const bleed = 8;    // what a drawing lets stand out over its edge, as half of a mark at its end

const isClear = (colour) => colour === "transparent" || /rgba\(.*, 0\)$|\/ 0\)$/.test(colour);
const PAINTED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity", "font-size", "font-family", "font-weight", "text-anchor", "overflow"];

// An SVG as an image of its own: what the style sheet says of it is written into it, and symbols are put in place.
async function imageOf(svg) {
  const copy = svg.cloneNode(true);
  const [from, to] = [[svg, ...svg.querySelectorAll("*")], [copy, ...copy.querySelectorAll("*")]];
  from.forEach((element, index) => {
    const style = getComputedStyle(element);
    for (const name of PAINTED) if (style.getPropertyValue(name)) to[index].setAttribute(name, style.getPropertyValue(name));
  });
  for (const use of copy.querySelectorAll("use")) {
    const symbol = document.querySelector(use.getAttribute("href"));
    if (!symbol) continue;
    const inside = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    if (symbol.hasAttribute("viewBox")) inside.setAttribute("viewBox", symbol.getAttribute("viewBox"));
    inside.append(...[...symbol.childNodes].map((child) => child.cloneNode(true)));
    use.replaceWith(inside);
  }
  const box = svg.getBoundingClientRect();
  const around = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  around.setAttribute("width", box.width + 2 * bleed);
  around.setAttribute("height", box.height + 2 * bleed);
  for (const [name, value] of Object.entries({ x: bleed, y: bleed, width: box.width, height: box.height, overflow: "visible" })) copy.setAttribute(name, value);
  around.append(copy);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(around))}`;
  await image.decode();
  return image;
}

// The lines of a text as they are broken on the page.
function linesOf(node) {
  const lines = [];
  const range = document.createRange();
  for (let at = 0; at < node.data.length; at += 1) {
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const box = range.getClientRects()[0];
    if (!box || !box.width) continue;
    const last = lines.at(-1);
    if (last && Math.abs(last.box.top - box.top) < 3) last.text += node.data[at];
    else lines.push({ text: node.data[at], box });
  }
  return lines;
}

const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".visually-hidden");

async function paint(place, title) {
  const box = place.getBoundingClientRect();
  const width = Math.max(place.scrollWidth, box.width) + 2 * margin;
  const head = 48;
  const canvas = Object.assign(document.createElement("canvas"), { width: width * scale, height: (box.height + head + 2 * margin) * scale });
  const pen = canvas.getContext("2d");
  const page = getComputedStyle(document.body);
  pen.scale(scale, scale);
  pen.fillStyle = page.backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = page.color;
  let size = 17;
  do pen.font = `600 ${size -= 1}px ${page.fontFamily}`; while (size > 11 && pen.measureText(title).width > width - 2 * margin);
  pen.fillText(title, margin, margin + 18, width - 2 * margin);
  pen.translate(margin - box.left, head + margin - box.top);
  for (const element of [place, ...place.querySelectorAll("*")]) {
    if (element.closest("svg") && !(element.localName === "svg" && !element.parentElement.closest("svg"))) continue;
    if (!isSeen(element)) continue;
    const at = element.getBoundingClientRect();
    if (element.localName === "svg") {
      pen.drawImage(await imageOf(element), at.left - bleed, at.top - bleed, at.width + 2 * bleed, at.height + 2 * bleed);
      continue;
    }
    const style = getComputedStyle(element);
    if (!isClear(style.backgroundColor)) {
      pen.fillStyle = style.backgroundColor;
      pen.fillRect(at.left, at.top, at.width, at.height);
    }
    if (element.dataset.step === "0" || element.dataset.state === "open") {
      pen.strokeStyle = style.color;
      pen.setLineDash(element.dataset.state === "open" ? [4, 3] : []);
      pen.strokeRect(at.left + 1, at.top + 1, at.width - 2, at.height - 2);
    }
    pen.fillStyle = style.color;
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    pen.textBaseline = "middle";
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE) continue;
      for (const line of linesOf(node)) pen.fillText(line.text, line.box.left, line.box.top + line.box.height / 2);
    }
  }
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
}

function addTools(place) {
  const id = place.dataset.picture;
  const tools = document.querySelector(`.chart-tools[data-for="${CSS.escape(id)}"]`);
  const template = document.getElementById("chart-tools");
  if (!tools || !template || tools.childElementCount) return;
  tools.append(template.content.cloneNode(true));
  tools.hidden = false;
  const found = document.querySelector(`[data-table="${CSS.escape(id)}"]`);
  const table = found?.matches("table") ? found : found?.querySelector("table");
  const section = place.closest("section")?.querySelector("h2")?.textContent.trim() ?? "";
  const finding = document.querySelector("h1.finding")?.textContent.replace(/\s+/g, " ").trim() ?? "";
  const name = fileName(tools.dataset.file || section) || id;
  const button = (tool) => tools.querySelector(`[data-tool="${tool}"]`);
  if (found && found !== place) {
    found.hidden = true;
    button("table").addEventListener("click", (event) => {
      found.hidden = !found.hidden;
      event.currentTarget.setAttribute("aria-pressed", String(!found.hidden));
    });
  } else button("table").remove();
  if (table) button("csv").addEventListener("click", () => saveTable(table, name));
  else button("csv").remove();
  button("png").addEventListener("click", async () => saveFile(await paint(place, tools.dataset.title || finding || section), `${name}.png`));
}

// A button that names what it takes along: a chart whose numbers are offered as a file of their own.
function wake(root) {
  for (const button of root.querySelectorAll("[data-png][hidden]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-png]");
  const place = button && document.getElementById(button.dataset.png);
  if (!place) return;
  const title = place.closest("section")?.querySelector("h2")?.textContent.replace(/\s+/g, " ").trim() ?? "";
  saveFile(await paint(place, title), `${fileName(button.dataset.file) || "chart"}.png`);
});

wake(document);
document.addEventListener("htmx:load", (event) => wake(event.detail.elt));

// In a coloured table arrows go from cell to cell: one stop of the Tab key, however many weeks there are.
function walk(table) {
  const links = [...table.rows].map((row) => [...row.cells].map((cell) => cell.querySelector("a")));
  const first = links.flat().find((link) => link?.matches("td a"));
  if (!first) return;
  first.tabIndex = 0;
  table.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const cell = event.target.closest("td");
    if (!step || !cell || event.ctrlKey || event.metaKey || event.altKey) return;
    let [y, x] = [cell.parentElement.rowIndex + step[0], cell.cellIndex + step[1]];
    while (links[y]?.[x] === null) { y += step[0]; x += step[1]; }
    const next = links[y]?.[x];
    if (!next?.matches("td a")) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}

for (const place of document.querySelectorAll("[data-picture]")) addTools(place);
// On a small screen the weeks begin where it matters: this one in view, those before it on the left.
function showNow(table) {
  const now = table.querySelector("th[data-now]");
  const place = table.parentElement;
  if (now) place.scrollLeft = now.offsetLeft + 2 * now.offsetWidth - place.clientWidth;
}

for (const table of document.querySelectorAll("table.heat")) { walk(table); showNow(table); }
