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
let rows = []; // the listed decisions, newest first; those of the page as served have only an id and an element
let known = new Set(); // their ids
let height = 0; // of a row
let drawn = { from: -1, to: -1 };
let made = new Map(); // the rows in the page, by id
let current = null; // the id of the row that has the focus, or last had it

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
  row.dataset.id = record.id;
  cell(row, "outcome", shape(kinds[record.outcome], record.outcome));
  const time = element("time", "", record.time.slice(11, 23).replace("Z", ""));
  time.title = record.time;
  cell(row, "time", time);
  const link = element("a", "", record.action);
  link.href = path + "decisions/" + encodeURIComponent(record.id);
  link.title = record.action;
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

/** render puts the rows around a scroll position into the page. Rows that stay are neither moved nor replaced. */
function render(force, top = scroller.scrollTop) {
  const from = Math.max(0, Math.min(rows.length, Math.floor(top / height)) - margin);
  const to = Math.min(rows.length, Math.ceil((top + scroller.clientHeight) / height) + margin);
  if (!force && from === drawn.from && to === drawn.to) return;
  const before = made;
  made = new Map();
  for (let i = from; i < to; i++) {
    const { id, element } = rows[i];
    const row = before.get(id) ?? element ?? draw(rows[i]);
    row.setAttribute("aria-rowindex", i + 2);
    made.set(id, row);
  }
  for (const [id, row] of before) {
    if (made.has(id)) continue;
    if (row.contains(document.activeElement)) scroller.focus({ preventScroll: true }); // arrow keys continue from there
    row.remove();
  }
  above.firstChild.style.height = from * height + "px";
  below.firstChild.style.height = (rows.length - to) * height + "px";
  let next = above.nextSibling;
  for (const row of made.values()) {
    if (row === next) next = next.nextSibling;
    else body.insertBefore(row, next);
  }
  drawn = { from, to };
}

/** show replaces the list. In a list that was scrolled, the visible rows keep their position. */
function show(list) {
  const first = Math.floor(scroller.scrollTop / height);
  const anchor = scroller.scrollTop > height ? rows[first]?.id : undefined;
  const moved = anchor === undefined ? -1 : list.findIndex((r) => r.id === anchor);
  rows = list.slice(0, maxRows);
  known = new Set(rows.map((r) => r.id));
  nothing.hidden = rows.length > 0;
  table.setAttribute("aria-rowcount", rows.length + 1);
  const top = scroller.scrollTop + (moved < 0 ? 0 : (moved - first) * height);
  render(true, top);
  if (top !== scroller.scrollTop) scroller.scrollTop = top;
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

// Rows that arrive between two frames are added together.
let arrived = [];
function add(record) {
  arrived.push(record);
  if (arrived.length > 1) return;
  setTimeout(() => {
    const fresh = arrived.filter((r) => !known.has(r.id)).reverse();
    arrived = [];
    if (fresh.length) show(fresh.concat(rows));
  }, 30);
}

let stream;
let wait = 250; // milliseconds until the next attempt

/** connect opens the stream of decisions, then loads the list. */
function connect() {
  const q = query();
  q.set("brief", "true");
  stream?.close();
  arrived = [];
  const mine = new EventSource(path + "data/decisions/stream?" + q);
  stream = mine;
  q.set("limit", String(maxRows));
  let early = []; // what arrived by the stream before the list, which may be older
  const again = () => {
    mine.close();
    if (stream !== mine) return;
    live.dataset.state = "waiting";
    say();
    setTimeout(() => stream === mine && connect(), wait);
    wait = Math.min(2 * wait, 5000);
  };
  mine.onopen = async () => {
    try {
      const { decisions } = await get("data/decisions?" + q);
      if (stream !== mine) return;
      wait = 250;
      live.dataset.state = "live";
      const listed = new Set(decisions.map((r) => r.id));
      show(early.filter((r) => !listed.has(r.id)).reverse().concat(decisions));
      early = null;
      measure();
      render(true);
    } catch {
      again();
    }
  };
  mine.onmessage = (event) => {
    const record = JSON.parse(event.data);
    early?.push(record);
    add(record);
  };
  mine.onerror = again;
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

/** go moves the focus to a row, which need not be in the page. */
function go(i) {
  if (!made.has(rows[i].id)) {
    const top = i * height - scroller.clientHeight / 2;
    render(true, top);
    scroller.scrollTop = top;
  }
  const row = made.get(rows[i].id);
  row.querySelector("a").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

body.addEventListener("focusin", (event) => {
  current = event.target.closest("tr").dataset.id;
});

// Arrow keys move between rows.
scroller.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target !== scroller && !body.contains(event.target)) return;
  const at = rows.findIndex((r) => r.id === current);
  if (at < 0) return;
  event.preventDefault();
  go(Math.min(Math.max(at + step, 0), rows.length - 1));
});

for (const row of body.rows) {
  rows.push({ id: row.dataset.id, element: row });
  known.add(row.dataset.id);
  made.set(row.dataset.id, row);
}
body.prepend(above);
body.append(below);
measure();
connect();
