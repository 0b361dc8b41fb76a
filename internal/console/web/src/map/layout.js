// The layout of groups: each group is laid out separately, from the innermost to the outermost,
// so that a change moves only nearby objects. Groups that share with each other are ordered
// from left to right by dagre; the others are in rows below.

import dagre from "@dagrejs/dagre";

export const rowHeight = 24;
export const headHeight = 44;
const accountWidth = 232;
const gap = 36;
const padding = { x: 22, top: 42, bottom: 22 };

/** layout sets x, y, width and height of each group, relative to its parent; links connect groups. */
export function layout(group, links) {
  if (group.kind === "account") {
    group.width = accountWidth;
    group.height = headHeight + group.rows.length * rowHeight + (group.rows.length ? 8 : 0);
    return;
  }
  for (const child of group.children) layout(child, links);
  const lifted = liftedLinks(group, links);
  const linked = new Set(lifted.flat());
  const first = group.children.filter((c) => linked.has(c));
  const rest = group.children.filter((c) => !linked.has(c));
  const inner = placeLinked(first, lifted);
  const below = placeRows(rest, Math.max(inner.width, 1.3 * Math.sqrt(area(rest))));
  for (const child of rest) child.y += inner.height ? inner.height + gap : 0;
  const pad = group.kind === "world" ? { x: 24, top: 24, bottom: 24 } : padding;
  for (const child of group.children) {
    child.x += pad.x;
    child.y += pad.top;
  }
  group.width = Math.max(inner.width, below.width, group.kind === "world" ? 0 : 160) + 2 * pad.x;
  group.height = inner.height + below.height + (inner.height && below.height ? gap : 0) + pad.top + pad.bottom;
}

const area = (groups) => groups.reduce((sum, r) => sum + (r.width + gap) * (r.height + gap), 0);

/** liftedLinks returns the links between two children of a group, or between their descendants. */
function liftedLinks(group, links) {
  const pairs = new Map();
  for (const [from, to] of links) {
    const a = childToward(group, from);
    const b = childToward(group, to);
    if (a && b && a !== b) pairs.set(a.id + " " + b.id, [a, b]);
  }
  return [...pairs.values()];
}

function childToward(group, inside) {
  let r = inside;
  while (r && r.parent !== group) r = r.parent;
  return r;
}

function placeLinked(groups, links) {
  if (!groups.length) return { width: 0, height: 0 };
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: gap, ranksep: 190, ranker: groups.length > 80 ? "longest-path" : "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const r of groups) graph.setNode(r.id, { width: r.width, height: r.height });
  for (const [a, b] of links) graph.setEdge(a.id, b.id);
  dagre.layout(graph);
  for (const r of groups) {
    const n = graph.node(r.id);
    r.x = n.x - r.width / 2;
    r.y = n.y - r.height / 2;
  }
  return fold(groups, graph.graph().width, graph.graph().height);
}

const maxAspect = 1.8; // width by height, above which a chain of sharing is wrapped
const minColumns = 5; // of such a chain

/** fold wraps a layout that is much wider than high into several lines, by columns. */
function fold(groups, width, height) {
  const lines = Math.round(Math.sqrt(width / (maxAspect * height)));
  const columns = new Map();
  for (const r of groups) {
    const middle = Math.round(r.x + r.width / 2);
    if (!columns.has(middle)) columns.set(middle, []);
    columns.get(middle).push(r);
  }
  if (lines < 2 || columns.size < minColumns) return { width, height };
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

function placeRows(groups, limit) {
  let x = 0, y = 0, height = 0, width = 0;
  for (const r of groups) {
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
  return { width, height: groups.length ? y + height : 0 };
}

/** makeAbsolute sets the absolute positions of all groups. */
export function makeAbsolute(group, x = 0, y = 0) {
  group.left = x + (group.x ?? 0);
  group.top = y + (group.y ?? 0);
  for (const child of group.children ?? []) makeAbsolute(child, group.left, group.top);
}
