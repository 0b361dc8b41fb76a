// Draws the rooms and the edges as SVG. Every name is a text node.

import { edgeId } from "./model.js";
import { rowHeight, headHeight } from "./layout.js";

const namespace = "http://www.w3.org/2000/svg";
const mostLabels = 40; // edges whose lacks are written beside them

export function svg(name, attributes = {}, content) {
  const e = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  if (content !== undefined) e.textContent = content;
  return e;
}

const cut = (s, n) => (s.length > n ? s.slice(0, n - 1) + "…" : s);

/** draw makes the picture of a tree; each drawn thing has its id in data-id. */
export function draw(world, edges, text) {
  const rooms = svg("g");
  const lines = svg("g", { class: "edges" });
  drawRoom(world.root, rooms);
  const bundles = bundle(world, edges);
  for (const b of bundles) lines.append(drawBundle(b, bundles.length <= mostLabels, text));
  const all = svg("g", { id: "scene" });
  all.append(rooms, lines);
  return all;
}

function drawRoom(room, into) {
  if (room.kind === "account") {
    into.append(drawAccount(room));
    return;
  }
  if (room.kind !== "world") {
    into.append(svg("rect", { class: "room " + room.kind, x: room.left, y: room.top, width: room.width, height: room.height, rx: 12 }));
    const label = svg("text", { class: "room-name", x: room.left + 16, y: room.top + 25 }, cut(room.name, Math.floor(room.width / 8)));
    into.append(label);
  }
  for (const child of room.children) drawRoom(child, into);
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

/** anchor is the box that an end of an edge lies on: a row, an account's head, a room. */
function anchor(world, entity, accountId) {
  const account = world.accounts.get(accountId);
  const at = account?.rowOf?.get(entity);
  if (at !== undefined) return { key: account.id + " " + at, left: account.left, right: account.left + account.width, y: account.top + headHeight + (at + 0.5) * rowHeight };
  const room = world.byArn.get(entity) ?? world.rooms.get(accountId) ?? world.rooms.get(entity);
  if (!room) return null;
  return { key: room.id, left: room.left, right: room.left + room.width, y: room.top + (room.kind === "account" ? 22 : Math.min(room.height / 2, 60)) };
}

/** bundle puts edges with the same two ends together. */
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

/** spread has the edges that end at one place end beside each other, with their signs apart. */
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

/** bezier is the point of a cubic curve at t. */
function bezier(t, ...p) {
  const u = 1 - t;
  const k = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
  return [0, 1].map((axis) => p.reduce((sum, point, i) => sum + k[i] * point[axis], 0));
}

function drawBundle(b, labelled, text) {
  const lacks = [...new Set(b.edges.flatMap((e) => e.lacks ?? []))];
  const forward = b.from.right <= b.to.left;
  const sx = forward ? b.from.right : b.from.left;
  const tx = b.from.left >= b.to.right || forward ? (forward ? b.to.left : b.to.right) : b.to.left;
  const bend = Math.max(40, Math.abs(tx - sx) / 2);
  const toLeft = tx === b.to.left;
  const c1 = sx + (forward ? bend : -bend);
  const c2 = tx + (toLeft ? -bend : bend);
  const d = `M${sx} ${b.from.y}C${c1} ${b.from.y} ${c2} ${b.to.y} ${tx} ${b.to.y}`;
  const g = svg("g", { class: "edge " + (lacks.length ? "half lack-" + lacks[0] : "complete"), "data-edge": edgeId(b.edges[0]) });
  g.append(svg("path", { class: "hit", d }), svg("path", { class: "line", d }));
  g.append(svg("circle", { class: "from", cx: sx, cy: b.from.y, r: 3 }));
  const tip = toLeft ? -8 : 8;
  g.append(svg("path", { class: "tip", d: `M${tx} ${b.to.y}l${tip} -5v10z` }));
  const [mx, my] = bezier(b.at, [sx, b.from.y], [c1, b.from.y], [c2, b.to.y], [tx, b.to.y]);
  if (lacks.length) {
    const sign = svg("use", { class: "warn-sign", href: "#shape-would-be-denied", x: mx - 8, y: my - 8, width: 16, height: 16 });
    g.append(svg("circle", { class: "sign-ground", cx: mx, cy: my, r: 11 }), sign);
    if (labelled && b.label) g.append(svg("text", { class: "lack", x: mx, y: my + b.label }, lacks.map((l) => text("map.lack." + l)).join(", ")));
  } else if (b.edges.length > 1) {
    g.append(svg("circle", { class: "sign-ground", cx: mx, cy: my, r: 11 }), svg("text", { class: "count", x: mx, y: my + 4 }, String(b.edges.length)));
  }
  for (const e of b.edges) g.dataset.edges = (g.dataset.edges ? g.dataset.edges + "\n" : "") + edgeId(e);
  return g;
}
