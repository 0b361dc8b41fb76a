// Draws the groups and the edges as SVG. Names are always text nodes.

import { edgeId } from "./model.js";
import { rowHeight, headHeight } from "./layout.js";

const namespace = "http://www.w3.org/2000/svg";
const maxLabels = 40; // edges up to which missing steps are labelled

export function svg(name, attributes = {}, content) {
  const e = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  if (content !== undefined) e.textContent = content;
  return e;
}

const cut = (s, n) => (s.length > n ? s.slice(0, n - 1) + "…" : s);

/** draw returns the picture of a tree; each drawn object has its id in data-id. */
export function draw(world, edges, text) {
  const groups = svg("g");
  const lines = svg("g", { class: "edges" });
  drawGroup(world.root, groups);
  const bundles = bundle(world, edges);
  for (const b of bundles) lines.append(drawBundle(b, bundles.length <= maxLabels, text));
  const all = svg("g", { id: "scene" });
  all.append(groups, lines);
  return all;
}

function drawGroup(group, into) {
  if (group.kind === "account") {
    into.append(drawAccount(group));
    return;
  }
  if (group.kind !== "world") {
    into.append(svg("rect", { class: "group " + group.kind, x: group.left, y: group.top, width: group.width, height: group.height, rx: 12 }));
    const label = svg("text", { class: "group-name", x: group.left + 16, y: group.top + 25 }, cut(group.name, Math.floor(group.width / 8)));
    into.append(label);
  }
  for (const child of group.children) drawGroup(child, into);
}

function drawAccount(a) {
  const g = svg("g", { class: "account" + (a.other ? " other" : "") + (a.closed ? " closed" : ""), "data-id": a.id });
  g.append(svg("rect", { class: "card", x: a.left, y: a.top, width: a.width, height: a.height, rx: 8 }));
  g.append(svg("text", { class: "name", x: a.left + 12, y: a.top + 19 }, cut(a.name, 28)));
  const id = a.name === a.id ? "" : a.other ? "" : a.id;
  g.append(svg("text", { class: "id", x: a.left + 12, y: a.top + 35 }, id));
  if (a.unshared) g.append(svg("text", { class: "id end", x: a.left + a.width - 12, y: a.top + 35 }, "+" + a.unshared));
  a.rows.forEach((row, i) => {
    const y = a.top + headHeight + i * rowHeight;
    const r = svg("g", { class: "entry " + row.kind, "data-id": row.id });
    r.append(svg("rect", { class: "hit", x: a.left + 4, y, width: a.width - 8, height: rowHeight, rx: 4 }));
    if (row.kind === "principal") r.append(svg("circle", { class: "glyph", cx: a.left + 17, cy: y + 12, r: 4.5 }));
    if (row.kind === "resource") r.append(svg("rect", { class: "glyph", x: a.left + 12.5, y: y + 7.5, width: 9, height: 9, rx: 1.5 }));
    r.append(svg("text", { x: a.left + 30, y: y + 16 }, cut(row.name, 27)));
    const title = svg("title", {}, row.id);
    r.append(title);
    g.append(r);
  });
  return g;
}

/** anchor returns the box at the end of an edge: a row, an account's header, or a group. */
function anchor(world, entity, accountId) {
  const account = world.accounts.get(accountId);
  const at = account?.rowOf?.get(entity);
  if (at !== undefined) return { key: account.id + " " + at, left: account.left, right: account.left + account.width, y: account.top + headHeight + (at + 0.5) * rowHeight };
  const group = world.byArn.get(entity) ?? world.groups.get(accountId) ?? world.groups.get(entity);
  if (!group) return null;
  return { key: group.id, left: group.left, right: group.left + group.width, y: group.top + (group.kind === "account" ? 22 : Math.min(group.height / 2, 60)) };
}

/** bundle combines edges with the same two ends. */
function bundle(world, edges) {
  const bundles = new Map();
  for (const e of edges) {
    const from = anchor(world, e.resource, e.resource.split(":")[4]);
    const to = anchor(world, e.principal, e.account ?? "");
    if (!from || !to) continue;
    const key = from.key + ">" + to.key;
    if (!bundles.has(key)) bundles.set(key, { from, to, edges: [] });
    bundles.get(key).edges.push(e);
  }
  spread([...bundles.values()]);
  return [...bundles.values()];
}

/** spread moves the ends of edges with the same target apart, and their signs. */
function spread(bundles) {
  const ends = new Map();
  for (const b of bundles) {
    if (!ends.has(b.to.key)) ends.set(b.to.key, []);
    ends.get(b.to.key).push(b);
  }
  for (const list of ends.values()) {
    list.sort((a, b) => a.from.y - b.from.y);
    list.forEach((b, i) => {
      b.to = { ...b.to, y: b.to.y + Math.max(-14, Math.min(14, (i - (list.length - 1) / 2) * 10)) };
      b.at = 0.5 + (list.length > 1 ? ((i % 3) - 1) * 0.1 : 0);
      b.label = i === 0 ? -15 : i === list.length - 1 ? 24 : null; // above, below, or none between others
    });
  }
}

/** bezier returns the point of a cubic curve at t. */
function bezier(t, ...p) {
  const u = 1 - t;
  const k = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
  return [0, 1].map((axis) => p.reduce((sum, point, i) => sum + k[i] * point[axis], 0));
}

function drawBundle(b, labelled, text) {
  const missing = [...new Set(b.edges.flatMap((e) => e.missing ?? []))];
  const forward = b.from.right <= b.to.left;
  const sx = forward ? b.from.right : b.from.left;
  const tx = b.from.left >= b.to.right || forward ? (forward ? b.to.left : b.to.right) : b.to.left;
  const bend = Math.max(40, Math.abs(tx - sx) / 2);
  const toLeft = tx === b.to.left;
  const c1 = sx + (forward ? bend : -bend);
  const c2 = tx + (toLeft ? -bend : bend);
  const d = `M${sx} ${b.from.y}C${c1} ${b.from.y} ${c2} ${b.to.y} ${tx} ${b.to.y}`;
  const g = svg("g", { class: "edge " + (missing.length ? "incomplete missing-" + missing[0] : "complete"), "data-edge": edgeId(b.edges[0]) });
  g.append(svg("path", { class: "hit", d }), svg("path", { class: "line", d }));
  g.append(svg("circle", { class: "from", cx: sx, cy: b.from.y, r: 3 }));
  const tip = toLeft ? -8 : 8;
  g.append(svg("path", { class: "tip", d: `M${tx} ${b.to.y}l${tip} -5v10z` }));
  const [mx, my] = bezier(b.at, [sx, b.from.y], [c1, b.from.y], [c2, b.to.y], [tx, b.to.y]);
  if (missing.length) {
    const sign = svg("use", { class: "warn-sign", href: "#shape-would-be-denied", x: mx - 8, y: my - 8, width: 16, height: 16 });
    g.append(svg("circle", { class: "sign-ground", cx: mx, cy: my, r: 11 }), sign);
    if (labelled && b.label) g.append(svg("text", { class: "missing", x: mx, y: my + b.label }, missing.map((l) => text("map.missing." + l)).join(", ")));
  } else if (b.edges.length > 1) {
    g.append(svg("circle", { class: "sign-ground", cx: mx, cy: my, r: 11 }), svg("text", { class: "count", x: mx, y: my + 4 }, String(b.edges.length)));
  }
  for (const e of b.edges) g.dataset.edges = (g.dataset.edges ? g.dataset.edges + "\n" : "") + edgeId(e);
  return g;
}
