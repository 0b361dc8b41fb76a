// The map of sharings between accounts.

import { get, path, text } from "./frame.js";
import { draw } from "./map/draw.js";
import { layout, makeAbsolute } from "./map/layout.js";
import { edgeId, tree } from "./map/model.js";
import * as panel from "./map/panel.js";
import { view } from "./map/view.js";

const picture = document.getElementById("map");
const search = document.getElementById("map-search");
const names = document.getElementById("map-names");
const onlyIncomplete = document.getElementById("only-incomplete");
const shown = view(picture);
const opened = new Set();
const readable = 0.7; // the least scale at first

let overview = { accounts: [], nodes: [], resources: [], principals: [], edges: [] };
let chosen = null; // an edge, or the id of a resource, a principal or an account
let first = true;

/** linksOf returns the pairs of groups that the edges connect. */
function linksOf(world, edges) {
  const links = [];
  for (const e of edges) {
    const from = world.accounts.get(e.resource.split(":")[4]);
    const to = world.byArn.get(e.principal) ?? world.groups.get(e.account ?? e.principal);
    if (from && to && from !== to) links.push([from, to]);
  }
  return links;
}

function edgesShown() {
  return onlyIncomplete.checked ? overview.edges.filter((e) => e.missing?.length) : overview.edges;
}

function render() {
  const start = performance.now();
  const world = tree(overview, opened, text);
  layout(world.root, linksOf(world, overview.edges));
  makeAbsolute(world.root);
  picture.replaceChildren(draw(world, edgesShown(), text));
  shown.setWhole(world.root.width, world.root.height);
  if (first) shown.fit(readable);
  first = false;
  picture.dataset.took = String(Math.round(performance.now() - start));
  picture.dataset.ready = "yes";
  mark();
}

/** near reports whether an edge involves the selected object. */
function near(e) {
  if (!chosen) return true;
  if (typeof chosen !== "string") return edgeId(e) === edgeId(chosen);
  return e.resource === chosen || e.principal === chosen || e.account === chosen || e.resource.split(":")[4] === chosen;
}

function mark() {
  const ids = new Set(overview.edges.filter(near).flatMap((e) => [e.resource, e.principal, e.account, e.resource.split(":")[4]]));
  if (typeof chosen === "string") ids.add(chosen).add(chosen.split(":")[4]);
  picture.classList.toggle("focused", chosen !== null);
  for (const g of picture.querySelectorAll("[data-edge]")) {
    const wanted = new Set(g.dataset.edges.split("\n"));
    g.classList.toggle("near", chosen !== null && overview.edges.some((e) => wanted.has(edgeId(e)) && near(e)));
  }
  for (const g of picture.querySelectorAll("[data-id]")) g.classList.toggle("near", ids.has(g.dataset.id));
}

function show() {
  mark();
  const address = new URLSearchParams();
  if (typeof chosen === "string") address.set("focus", chosen);
  else if (chosen) address.set("edge", edgeId(chosen));
  if (onlyIncomplete.checked) address.set("incomplete", "yes");
  const query = address.toString();
  history.replaceState(null, "", query ? "?" + query : location.pathname);
  const back = () => choose(null);
  if (chosen === null) {
    panel.list(edgesShown(), choose, onlyIncomplete.checked ? text("map.none-incomplete") : text("map.nothing"));
    return;
  }
  if (typeof chosen !== "string") {
    panel.edge(chosen, overview.resources.find((r) => r.arn === chosen.resource)?.key, back);
    return;
  }
  const r = overview.resources.find((r) => r.arn === chosen);
  const edges = overview.edges.filter(near);
  if (r) panel.resource(r, edges, choose, back);
  else panel.principal(chosen, edges, choose, back);
}

function choose(what) {
  chosen = what;
  show();
  const at = picture.querySelector(".near .glyph, .near .card");
  if (what && at) {
    const b = at.getBBox();
    shown.center(b.x + b.width / 2, b.y + b.height / 2);
  }
}

async function load() {
  overview = await get("data/overview");
  names.replaceChildren(...[...overview.resources, ...overview.principals].slice(0, 3000).map((r) => new Option(r.arn)));
  const address = new URLSearchParams(location.search);
  onlyIncomplete.checked = address.get("incomplete") === "yes";
  chosen = address.get("focus") ?? overview.edges.find((e) => edgeId(e) === address.get("edge")) ?? null;
  render();
  show();
}

picture.addEventListener("click", (event) => {
  const row = event.target.closest(".entry");
  const edge = event.target.closest("[data-edge]");
  const account = event.target.closest(".account");
  if (row?.classList.contains("more")) {
    opened.add(account.dataset.id);
    render();
  } else if (row) choose(row.dataset.id);
  else if (edge) choose(overview.edges.find((e) => edgeId(e) === edge.dataset.edge));
  else if (account) choose(account.dataset.id);
  else choose(null);
});
search.addEventListener("change", () => {
  const wanted = search.value.trim();
  if (!wanted) return;
  const all = [...overview.resources, ...overview.principals].map((r) => r.arn).concat(overview.accounts.map((a) => a.id));
  const found = all.find((id) => id === wanted) ?? all.find((id) => id.includes(wanted));
  if (found) choose(found);
});
onlyIncomplete.addEventListener("change", () => {
  render();
  show();
});
document.getElementById("zoom-in").addEventListener("click", () => shown.zoom(0.8));
document.getElementById("zoom-out").addEventListener("click", () => shown.zoom(1.25));
document.getElementById("fit").addEventListener("click", () => shown.fit());
addEventListener("resize", () => shown.fit(readable));
document.addEventListener("keydown", (event) => event.key === "Escape" && chosen !== null && choose(null));

// Changes are drawn after a short delay.
let changed;
const stream = new EventSource(path + "data/decisions/stream?outcome=allowed&brief=true");
stream.onmessage = (event) => {
  if (/:(Get|List|Describe|Decrypt|GenerateDataKey)/.test(JSON.parse(event.data).action)) return;
  clearTimeout(changed);
  changed = setTimeout(load, 250);
};

load();
