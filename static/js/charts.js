// Mounts every figure of a page. Figures name roles ("role:below", "role:in/0.16"); the colours come from the
// style sheet, so that a chart follows light and dark like everything else.

import { fileName, save, saveTable } from "./chart_tools.js";

const { Plotly } = window;
const language = document.documentElement.lang.startsWith("ja") ? "ja" : "en";
const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });

Plotly.register({
  moduleType: "locale",
  name: "ja",
  dictionary: {},
  format: {
    days: ["日曜日", "月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日"],
    shortDays: ["日", "月", "火", "水", "木", "金", "土"],
    months: ["1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"],
    shortMonths: ["1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"],
    periods: ["午前", "午後"],
    dateTime: "%Y年%-m月%-d日 %H:%M",
    date: "%Y年%-m月%-d日",
    time: "%H:%M",
    decimal: ".",
    thousands: ",",
    year: "%Y年",
    month: "%Y年%-m月",
    dayMonth: "%-m月%-d日",
    dayMonthYear: "%Y年%-m月%-d日",
  },
});

// Custom properties hold light-dark(oklch(…)), which only the browser can resolve and Plotly cannot read.
function palette() {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const known = new Map();
  const colour = (role, opacity = "1") => {
    const key = `${role}/${opacity}`;
    if (!known.has(key)) {
      probe.style.color = `var(--${role})`;
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = getComputedStyle(probe).color;
      pen.fillRect(0, 0, 1, 1);
      const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
      known.set(key, `rgba(${red},${green},${blue},${opacity})`);
    }
    return known.get(key);
  };
  return { colour, done: () => probe.remove() };
}

function paint(value, colour) {
  if (typeof value === "string") {
    return value.startsWith("role:") ? colour(...value.slice(5).split("/")) : value;
  }
  if (Array.isArray(value)) return value.map((one) => paint(one, colour));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, paint(one, colour)]));
  }
  return value;
}

const under = (base, above) => {
  const both = { ...base };
  for (const [key, value] of Object.entries(above ?? {})) {
    const isPlain = value && typeof value === "object" && !Array.isArray(value);
    both[key] = isPlain && both[key] && typeof both[key] === "object" ? under(both[key], value) : value;
  }
  return both;
};

function frame(given) {
  const style = getComputedStyle(document.body);
  const size = document.body.classList.contains("in-meeting") ? 14 : 12;
  const axis = {
    showgrid: false, zeroline: false, showline: true, linecolor: "role:control", ticks: "", automargin: true, fixedrange: true, nticks: 5,
    ticklabeloverflow: "allow", spikecolor: "role:control", spikethickness: 1, spikedash: "solid",
    tickfont: { size, color: "role:muted" }, title: { font: { size, color: "role:muted" } },
  };
  const layout = {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: style.fontFamily, size, color: "role:muted" },
    margin: { l: 48, r: 56, t: 8, b: 28 }, showlegend: false, dragmode: false, autosize: true,
    hovermode: "x unified", separators: ".,",
    hoverlabel: { bgcolor: "role:sheet", bordercolor: "role:line", font: { family: style.fontFamily, size: size + 1, color: "role:ink" }, align: "left" },
    colorway: ["role:ink", "role:ink-soft", "role:trail"],
  };
  for (const name of ["xaxis", "yaxis", ...Object.keys(given).filter((key) => /^[xy]axis\d+$/.test(key))]) {
    layout[name] = name.startsWith("y") ? { ...axis, showline: false, showgrid: true, gridcolor: "role:line", gridwidth: 1, zerolinecolor: "role:control" } : axis;
  }
  return under(layout, given);
}

// A figure may say what differs on a phone (`narrow`) and on a wide screen (`wide`).
const sizeOf = (place) => (place.clientWidth < 560 ? "narrow" : place.clientWidth >= 1100 ? "wide" : "");

function fitted(figure, size) {
  const other = figure[size];
  if (!other) return figure;
  return { data: figure.data.map((trace, index) => under(trace, other.data?.[index])), layout: under(figure.layout ?? {}, other.layout) };
}

const mounted = new Map();

function figureOf(id) {
  const source = document.querySelector(`script#${CSS.escape(id)}`);
  return source && JSON.parse(source.textContent);
}

function draw(place) {
  const kept = mounted.get(place);
  kept.size = sizeOf(place);
  const figure = fitted(kept.figure, kept.size);
  const { colour, done } = palette();
  const data = paint(figure.data, colour);
  const layout = paint(frame(figure.layout ?? {}), colour);
  done();
  return Plotly.react(place, data, layout, { displayModeBar: false, responsive: true, locale: language, showTips: false, doubleClick: false });
}

const isAddress = (text) => typeof text === "string" && /^\/(?!\/)/.test(text);

// A mark may lead somewhere; in a tree a node with children opens instead. Where the chart names what it stands in
// (`data-opens`), a second address brings what lies deeper and takes that place.
function goWhereItLeads(event, place) {
  const point = event.points?.[0];
  const data = point?.customdata;
  const [address, deeper] = Array.isArray(data) ? data : [data];
  if (place.dataset.opens && isAddress(deeper)) {
    window.htmx.ajax("GET", deeper, { target: place.dataset.opens, swap: "outerHTML" });
    return;
  }
  if (!isAddress(address)) return;
  if (point.data.parents?.includes(point.id ?? point.label)) return;
  window.location.assign(address);
}

// A cell that says a rounded amount says the whole one when it is pointed at.
const inFull = (cell) => cell.dataset.value || cell.title || cell.innerText || cell.textContent;

async function saveImage(place, name, title) {
  const figure = fitted(mounted.get(place).figure, sizeOf(place));
  const { colour, done } = palette();
  const given = under(figure.layout ?? {}, {
    paper_bgcolor: "role:sheet",
    title: { text: title.replaceAll("&", "&amp;").replaceAll("<", "&lt;"), x: 0.02, xanchor: "left", font: { size: 16, color: "role:ink" } },
    margin: { ...figure.layout?.margin, t: (figure.layout?.margin?.t ?? 8) + 44 },
  });
  const picture = { data: paint(figure.data, colour), layout: paint(frame(given), colour) };
  done();
  const height = place.clientHeight + 44;
  save(await Plotly.toImage(picture, { format: "png", scale: 2, width: Math.max(place.clientWidth, 480), height }), `${name}.png`);
}

function addTools(place, id) {
  const tools = document.querySelector(`.chart-tools[data-for="${CSS.escape(id)}"]`);
  const table = document.querySelector(`[data-table="${CSS.escape(id)}"]`);
  const template = document.getElementById("chart-tools");
  if (!tools || !template || tools.childElementCount) return;
  tools.append(template.content.cloneNode(true));
  tools.hidden = false;
  const title = place.closest("section")?.querySelector("h2, h3")?.textContent.trim() ?? id;
  const name = fileName(tools.dataset.file ?? title) || id;
  const button = (tool) => tools.querySelector(`[data-tool="${tool}"]`);
  const rows = table?.querySelector("table");
  if (rows) {
    // Some tables are the page's way by keyboard: they stand open, and may be put away.
    table.hidden = !("shown" in table.dataset);
    button("table").setAttribute("aria-pressed", String(!table.hidden));
    button("table").addEventListener("click", (event) => {
      table.hidden = !table.hidden;
      event.currentTarget.setAttribute("aria-pressed", String(!table.hidden));
    });
    button("csv").addEventListener("click", () => saveTable(rows, name, inFull));
  } else {
    button("table").remove();
    button("csv").remove();
  }
  button("png").addEventListener("click", () => saveImage(place, name, title));
}

function mount(place) {
  const id = place.dataset.figure;
  const figure = figureOf(id);
  if (!figure || mounted.has(place)) return;
  mounted.set(place, { figure });
  draw(place).then(() => {
    // The server sends the next levels; Plotly's own way of opening a node would show only what is here already, and
    // "false" keeps it from that.
    const event = place.dataset.opens ? `plotly_${figure.data[0].type}click` : "plotly_click";
    place.on(event, (click) => { goWhereItLeads(click, place); return !place.dataset.opens; });
  });
  if (figure.narrow || figure.wide) widths.observe(place);
  addTools(place, id);
}

function mountAll(root) {
  for (const place of mounted.keys()) {
    if (!place.isConnected) { widths.unobserve(place); Plotly.purge(place); mounted.delete(place); }
  }
  if (root.matches?.(".chart[data-figure]")) mount(root);
  for (const place of root.querySelectorAll(".chart[data-figure]")) mount(place);
}

const widths = new ResizeObserver((entries) => {
  for (const { target } of entries) if (mounted.has(target) && mounted.get(target).size !== sizeOf(target)) draw(target);
});
const redraw = () => { for (const place of mounted.keys()) if (place.isConnected) draw(place); };

mountAll(document);
document.addEventListener("htmx:load", (event) => mountAll(event.detail.elt));
document.addEventListener("figure:changed", (event) => {
  for (const [place, kept] of mounted) {
    if (place.isConnected && place.dataset.figure === event.detail.id) { kept.figure = figureOf(event.detail.id); draw(place); }
  }
});
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
window.matchMedia("print").addEventListener("change", redraw);
