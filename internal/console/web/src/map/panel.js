// The list beside the map, and the details of the selected object.

import { element, get, path, text } from "../frame.js";
import { edgeId, shortName } from "./model.js";

const panel = document.getElementById("panel");

function button(className, click, ...content) {
  const b = element("button", className);
  b.type = "button";
  b.append(...content);
  b.addEventListener("click", click);
  return b;
}

function arn(value) {
  const span = element("span", "arn");
  const fields = value.split(":");
  if (fields.length > 5) span.append(element("span", "acc", fields[4] + " "), fields.slice(5).join(":"));
  else span.append(value === "*" ? text("map.everybody") : value);
  span.title = value;
  return span;
}

function chips(edge) {
  const span = element("span", "chips");
  if (!edge.missing?.length) span.append(element("span", "chip good", "✓ " + text("map.complete")));
  for (const l of edge.missing ?? []) span.append(element("span", "chip warn", "△ " + text("map.missing." + l)));
  return span;
}

/** list shows edges; choose is called with the selected one. */
export function list(edges, choose, empty) {
  if (!edges.length) {
    panel.replaceChildren(element("p", "hint", empty));
    return;
  }
  const ul = element("ul", "edge-list");
  const incompleteFirst = [...edges].sort((a, b) => Boolean(b.missing?.length) - Boolean(a.missing?.length));
  for (const e of incompleteFirst.slice(0, 400)) {
    const li = document.createElement("li");
    const line = element("span", "pair");
    line.append(arn(e.resource), element("span", "to", "→"), arn(e.principal));
    const b = button("edge-row", () => choose(e), line, chips(e));
    b.dataset.edge = edgeId(e);
    li.append(b);
    ul.append(li);
  }
  panel.replaceChildren(ul);
}

const section = (name, ...content) => {
  const s = element("section");
  s.append(element("h3", "", name), ...content);
  return s;
};

/** step describes a missing step, with a link to the page where it is made. */
function step(missing, key) {
  const p = element("p", "", text("map.why." + missing) + " ");
  const link = element("a", "", text(missing === "key" ? "map.to-key" : "map.to-shares"));
  link.href = path + (missing === "key" ? "world/resource?" + new URLSearchParams({ arn: key }) : "world/shares");
  if (missing !== "key" || key) p.append(link);
  return p;
}

/** edge shows why an edge exists, what is missing and what ends it; key is the ARN of the key of its resource. */
export function edge(e, key, back) {
  const ways = element("ul", "ways");
  for (const w of e.sources) {
    const li = element("li");
    li.append(text("map.via." + w.via), " ", element("small", "", text("map.since", { time: w.since.slice(0, 19).replace("T", " ") })));
    const name = element("a", "mono", w.title || w.name);
    name.title = w.name;
    name.href = path + (w.via === "share" ? "world/shares" : "policies/edit?" + new URLSearchParams({ name: w.name }));
    li.append(element("br"), name);
    ways.append(li);
  }
  const parts = [button("link", back, "← " + text("map.back")), element("h2", "pair-title")];
  parts[1].append(arn(e.resource), " → ", arn(e.principal));
  parts.push(chips(e), section(text("map.why"), ways));
  if (e.missing?.length) parts.push(section(text("map.missing"), ...e.missing.map((l) => step(l, key))));
  const ends = element("ul", "ways");
  for (const via of new Set(e.sources.map((w) => w.via))) ends.append(element("li", "", text("map.ends." + via)));
  ends.append(element("li", "", text("map.ends.scp")));
  parts.push(section(text("map.breaks"), ends));
  if (e.actions?.length) parts.push(section(text("map.actions"), element("code", "", e.actions.join(", "))));
  if (e.conditional) parts.push(element("p", "hint", text("map.conditional")));
  panel.replaceChildren(...parts);
}

/** resource shows a resource: with whom it is shared, and who can read it. */
export function resource(r, edges, choose, back) {
  const parts = [button("link", back, "← " + text("map.back")), element("h2", "pair-title")];
  parts[1].append(arn(r.arn));
  panel.replaceChildren(...parts);
  const into = element("div", "answer");
  addEdges(edges, choose);
  if (r.read) panel.append(button("", () => whoCan(r, into), text("map.who-can", { action: r.read })));
  panel.append(into);
}

function addEdges(edges, choose) {
  const ul = element("ul", "edge-list");
  for (const e of edges) {
    const li = document.createElement("li");
    const line = element("span", "pair");
    line.append(arn(e.resource), element("span", "to", "→"), arn(e.principal));
    li.append(button("edge-row", () => choose(e), line, chips(e)));
    ul.append(li);
  }
  panel.append(ul);
}

async function whoCan(r, into) {
  try {
    const who = await get("data/who-can?" + new URLSearchParams({ action: r.read, resource: r.arn }));
    const ul = element("ul", "grantees");
    for (const [grantees, conditional] of [[who.principals, false], [who.conditional ?? [], true]]) {
      for (const g of grantees) {
        const li = element("li");
        li.append(arn(g.principal));
        if (conditional || g.conditions) li.append(" ", element("span", "chip", text("map.under-conditions")));
        ul.append(li);
      }
    }
    const found = element("p", "hint", text("map.asked", { n: who.principals.length, asked: who.asked }));
    into.replaceChildren(found, who.principals.length + (who.conditional?.length ?? 0) ? ul : element("p", "", text("map.nobody")));
  } catch (error) {
    into.replaceChildren(element("p", "problem", error.message));
  }
}

/** principal shows what a principal or an account may do, and what is shared with it. */
export function principal(name, edges, choose, back) {
  panel.replaceChildren(button("link", back, "← " + text("map.back")), element("h2", "pair-title"));
  panel.lastElementChild.append(arn(name));
  addEdges(edges, choose);
  const into = element("div", "answer");
  const asked = /^\d{12}$/.test(name) ? `arn:aws:iam::${name}:root` : name;
  if (/^arn:/.test(asked)) {
    panel.append(button("", async () => {
      try {
        const what = await get("data/what-can?" + new URLSearchParams({ principal: asked }));
        const ul = element("ul", "grantees");
        for (const r of what.resources) {
          const li = element("li");
          li.append(arn(r.resource), element("br"), element("small", "", r.actions.join(", ")));
          ul.append(li);
        }
        into.replaceChildren(what.resources.length ? ul : element("p", "", text("map.nobody")));
      } catch (error) {
        into.replaceChildren(element("p", "problem", error.message));
      }
    }, text("map.what-can")));
  }
  panel.append(into);
}

export { shortName, path };
