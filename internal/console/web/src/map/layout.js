// Places rooms: each room is laid out by itself, from the inside to the outside, so that a
// change moves what is near it and nothing else. What shares with each other stands in the
// order of the sharing, from left to right, by dagre; what does not, in rows below.

import dagre from "@dagrejs/dagre";

export const rowHeight = 24;
export const headHeight = 44;
const accountWidth = 232;
const gap = 36;
const padding = { x: 22, top: 42, bottom: 22 };

/** layout sets x, y, width and height of each room, inside its parent; links lead between rooms. */
export function layout(room, links) {
  if (room.kind === "account") {
    room.width = accountWidth;
    room.height = headHeight + room.rows.length * rowHeight + (room.rows.length ? 8 : 0);
    return;
  }
  for (const child of room.children) layout(child, links);
  const lifted = liftedLinks(room, links);
  const linked = new Set(lifted.flat());
  const first = room.children.filter((c) => linked.has(c));
  const rest = room.children.filter((c) => !linked.has(c));
  const inner = placeLinked(first, lifted);
  const below = placeRows(rest, Math.max(inner.width, 1.3 * Math.sqrt(area(rest))));
  for (const child of rest) child.y += inner.height ? inner.height + gap : 0;
  const pad = room.kind === "world" ? { x: 24, top: 24, bottom: 24 } : padding;
  for (const child of room.children) {
    child.x += pad.x;
    child.y += pad.top;
  }
  room.width = Math.max(inner.width, below.width, room.kind === "world" ? 0 : 160) + 2 * pad.x;
  room.height = inner.height + below.height + (inner.height && below.height ? gap : 0) + pad.top + pad.bottom;
}

const area = (rooms) => rooms.reduce((sum, r) => sum + (r.width + gap) * (r.height + gap), 0);

/** liftedLinks are the links between two children of a room, or between rooms inside them. */
function liftedLinks(room, links) {
  const pairs = new Map();
  for (const [from, to] of links) {
    const a = childToward(room, from);
    const b = childToward(room, to);
    if (a && b && a !== b) pairs.set(a.id + " " + b.id, [a, b]);
  }
  return [...pairs.values()];
}

function childToward(room, inside) {
  let r = inside;
  while (r && r.parent !== room) r = r.parent;
  return r;
}

function placeLinked(rooms, links) {
  if (!rooms.length) return { width: 0, height: 0 };
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: gap, ranksep: 190, ranker: rooms.length > 80 ? "longest-path" : "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const r of rooms) graph.setNode(r.id, { width: r.width, height: r.height });
  for (const [a, b] of links) graph.setEdge(a.id, b.id);
  dagre.layout(graph);
  for (const r of rooms) {
    const n = graph.node(r.id);
    r.x = n.x - r.width / 2;
    r.y = n.y - r.height / 2;
  }
  return fold(rooms, graph.graph().width, graph.graph().height);
}

const widest = 1.8; // times the height, before a chain of sharing goes on in a line below
const leastColumns = 5; // of such a chain

/** fold divides what is much wider than high into lines below each other, by its columns. */
function fold(rooms, width, height) {
  const lines = Math.round(Math.sqrt(width / (widest * height)));
  const columns = new Map();
  for (const r of rooms) {
    const middle = Math.round(r.x + r.width / 2);
    if (!columns.has(middle)) columns.set(middle, []);
    columns.get(middle).push(r);
  }
  if (lines < 2 || columns.size < leastColumns) return { width, height };
  let x = 0, top = 0, used = 0, low = 0;
  const limit = width / lines;
  let line = [];
  const end = () => {
    const least = Math.min(...line.flat().map((r) => r.y));
    for (const r of line.flat()) {
      r.y += top - least;
      low = Math.max(low, r.y + r.height);
    }
    top = low + gap * 1.5;
    used = Math.max(used, x);
    x = 0;
    line = [];
  };
  for (const middle of [...columns.keys()].sort((a, b) => a - b)) {
    const column = columns.get(middle);
    const wide = Math.max(...column.map((r) => r.width));
    if (line.length && x + wide > limit) end();
    if (x > 0) x += 150;
    for (const r of column) r.x = x;
    x += wide;
    line.push(column);
  }
  end();
  return { width: used, height: low };
}

function placeRows(rooms, limit) {
  let x = 0, y = 0, height = 0, width = 0;
  for (const r of rooms) {
    if (x > 0 && x + r.width > limit) {
      x = 0;
      y += height + gap;
      height = 0;
    }
    r.x = x;
    r.y = y;
    x += r.width + gap;
    height = Math.max(height, r.height);
    width = Math.max(width, r.x + r.width);
  }
  return { width, height: rooms.length ? y + height : 0 };
}

/** settle makes the places of all rooms absolute. */
export function settle(room, x = 0, y = 0) {
  room.left = x + (room.x ?? 0);
  room.top = y + (room.y ?? 0);
  for (const child of room.children ?? []) settle(child, room.left, room.top);
}
