// The live list of decisions: only visible rows are in the page, however many are loaded.

import { get, path, shape, element, layerName, text } from "./frame.js";

const scroller = document.getElementById("scroller");
const table = document.getElementById("decisions");
const body = document.getElementById("rows");
const filters = document.getElementById("filters");
const nothing = document.getElementById("nothing");
const live = document.getElementById("live");
const liveText = document.getElementById("live-text");

const maxRows = 100_000; // in the page's memory
const margin = 20; // rows above and below the visible ones
let rows = []; // newest first
let height = 0; // of a row
let drawn = { from: -1, to: -1 };
let made = new Map(); // the rows in the page, by their records

const above = document.createElement("tr");
const below = document.createElement("tr");
for (const space of [above, below]) {
  space.className = "space";
  space.setAttribute("aria-hidden", "true");
  space.append(document.createElement("td"));
  space.firstChild.colSpan = 6;
}

const kinds = { allowed: "allowed", denied: "denied", "would be denied": "would-be-denied" };

function arn(value) {
  const span = element("span", "arn");
  span.title = value;
  const fields = value.split(":");
  if (fields.length > 5) {
    span.append(element("span", "acc", fields[4]), " ", element("span", "nm", fields.slice(5).join(":")));
  } else {
    span.append(element("span", "nm", value));
  }
  return span;
}

function cell(row, name, content) {
  const td = element("td", "c-" + name);
  td.append(content);
  row.append(td);
}

function draw(record) {
  const row = document.createElement("tr");
  cell(row, "outcome", shape(kinds[record.outcome], record.outcome));
  const time = element("time", "", record.time.slice(11, 23).replace("Z", ""));
  time.title = record.time;
  cell(row, "time", time);
  const link = element("a", "", record.action);
  link.href = path + "decisions/" + encodeURIComponent(record.id);
  cell(row, "action", link);
  cell(row, "principal", arn(record.caller.arn || record.caller.type));
  cell(row, "resource", arn(record.resource));
  cell(row, "layer", record.decidedBy.map((l) => layerName(l)).join(", "));
  return row;
}

function measure() {
  const row = body.querySelector("tr:not(.space)");
  height = (row && row.getBoundingClientRect().height) || height || 40;
}

function render(force) {
  const from = Math.max(0, Math.floor(scroller.scrollTop / height) - margin);
  const to = Math.min(rows.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / height) + margin);
  if (!force && from === drawn.from && to === drawn.to) return;
  const focused = body.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  above.firstChild.style.height = from * height + "px";
  below.firstChild.style.height = (rows.length - to) * height + "px";
  const before = made;
  made = new Map();
  for (let i = from; i < to; i++) {
    const row = before.get(rows[i]) ?? draw(rows[i]);
    row.setAttribute("aria-rowindex", i + 2);
    made.set(rows[i], row);
  }
  body.replaceChildren(above, ...made.values(), below);
  drawn = { from, to };
  if (focused) body.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function show() {
  nothing.hidden = rows.length > 0;
  table.setAttribute("aria-rowcount", rows.length + 1);
  render(true);
  say();
}

function say() {
  const count = text("shown", { n: rows.length.toLocaleString("en") });
  liveText.textContent = (live.dataset.state === "live" ? text("live") : text("reconnecting")) + " · " + count;
}

function query() {
  const q = new URLSearchParams();
  for (const [name, value] of new FormData(filters)) if (value) q.set(name, value);
  return q;
}

async function load() {
  const q = query();
  q.set("brief", "true");
  q.set("limit", String(maxRows));
  rows = (await get("data/decisions?" + q)).decisions;
  drawn = { from: -1, to: -1 };
  show();
  measure();
  render(true);
}

// Rows that arrive between two frames are added together.
let arrived = [];
function add(record) {
  arrived.push(record);
  if (arrived.length > 1) return;
  setTimeout(() => {
    const known = new Set(rows.slice(0, 200).map((r) => r.id));
    const fresh = arrived.filter((r) => !known.has(r.id)).reverse();
    arrived = [];
    if (!fresh.length) return;
    rows = fresh.concat(rows).slice(0, maxRows);
    if (scroller.scrollTop > height) scroller.scrollTop += fresh.length * height; // the visible rows keep their position
    show();
  }, 30);
}

let stream;
let wait = 250; // milliseconds until the next attempt
function connect() {
  const q = query();
  q.set("brief", "true");
  stream?.close();
  const mine = new EventSource(path + "data/decisions/stream?" + q);
  stream = mine;
  mine.onopen = () => {
    wait = 250;
    live.dataset.state = "live";
    say();
    load().catch(() => {}); // decisions made in the meantime
  };
  mine.onmessage = (event) => add(JSON.parse(event.data));
  mine.onerror = () => {
    live.dataset.state = "waiting";
    say();
    mine.close();
    if (stream !== mine) return;
    setTimeout(() => stream === mine && connect(), wait);
    wait = Math.min(2 * wait, 5000);
  };
}

let typed;
function filter() {
  clearTimeout(typed);
  typed = setTimeout(() => {
    const q = query().toString();
    history.replaceState(null, "", q ? "?" + q : location.pathname);
    scroller.scrollTop = 0;
    connect();
  }, 150);
}

filters.addEventListener("input", filter);
filters.addEventListener("submit", (event) => {
  event.preventDefault();
  filter();
});
scroller.addEventListener("scroll", () => requestAnimationFrame(() => render(false)), { passive: true });
addEventListener("resize", () => {
  measure();
  render(true);
});

// Arrow keys move between rows.
body.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  const row = event.target.closest("tr");
  if (!step || !row || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  const link = next?.querySelector("a");
  if (!link) return;
  link.focus();
  next.scrollIntoView({ block: "nearest" });
});

measure();
connect();
