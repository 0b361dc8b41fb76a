// The policy editor: findings and completion while typing, and the effect of the change.

import { autocompletion } from "@codemirror/autocomplete";
import { json } from "@codemirror/lang-json";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { linter } from "@codemirror/lint";
import { tags } from "@lezer/highlight";
import { EditorView, basicSetup } from "codemirror";
import { element, get, post, shape, text } from "./frame.js";

const page = document.getElementById("editor-page");
const area = document.getElementById("policy-text");
const host = document.getElementById("editor");
const kind = document.getElementById("kind");
const findings = document.getElementById("findings");
const difference = document.getElementById("difference");
const kindNow = () => kind?.value ?? page.dataset.kind;

// In a shadow tree the editor uses adopted style sheets, which the content security policy allows.
const shadow = host.attachShadow({ mode: "open" });
host.hidden = false;
area.hidden = true;

const check = linter(async (view) => {
  const { findings: found } = await post("data/check", { kind: kindNow(), text: view.state.doc.toString() });
  showFindings(found);
  const length = view.state.doc.length;
  return found.map((f) => ({ from: Math.min(f.from, length), to: Math.min(Math.max(f.to, f.from), length), severity: f.severity, message: f.code + ": " + f.message }));
}, { delay: 120 });

async function candidates(context) {
  const word = context.matchBefore(/[\w:*-]*/);
  if (!word || (word.from === word.to && !context.explicit)) return null;
  const before = context.state.sliceDoc(0, word.from);
  if (before.at(-1) !== '"') return null;
  const last = Math.max(before.lastIndexOf('"Action"'), before.lastIndexOf('"NotAction"'));
  const condition = before.lastIndexOf('"Condition"');
  if (last < 0 && condition < 0) return null;
  const { names } = await get("data/complete?" + new URLSearchParams({ of: condition > last ? "key" : "action", typed: word.text }));
  return { from: word.from, options: names.map((label) => ({ label, type: condition > last ? "property" : "function" })), validFor: /^[\w:*-]*$/ };
}

const theme = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "13px", border: "1px solid var(--strong-edge)", borderRadius: "8px" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", minHeight: "360px", maxHeight: "70dvh", lineHeight: "1.55" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--dim)", border: "0", borderRadius: "8px 0 0 8px" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent-wash) 60%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--accent-wash) !important" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--text)", border: "1px solid var(--strong-edge)", borderRadius: "6px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  // Pictures in data: URLs are not allowed; the underline replaces them.
  ".cm-lintRange-error, .cm-lintRange-warning, .cm-lintRange-info, .cm-lintRange-hint": { backgroundImage: "none", textDecoration: "underline wavy 1.5px var(--dim)", textUnderlineOffset: "3px" },
  ".cm-lintRange-error": { textDecorationColor: "var(--deny)" },
  ".cm-lintRange-warning": { textDecorationColor: "var(--warn)" },
});

const colors = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--accent)" },
  { tag: tags.string, color: "var(--text)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--warn)" },
]);

const watch = EditorView.updateListener.of((update) => {
  if (!update.docChanged) return;
  area.value = update.state.doc.toString();
  later();
});

const view = new EditorView({
  doc: area.value,
  root: shadow,
  parent: shadow,
  extensions: [basicSetup, json(), check, autocompletion({ override: [candidates] }), syntaxHighlighting(colors), theme, watch, EditorView.lineWrapping, EditorView.contentAttributes.of({ "aria-label": area.getAttribute("aria-label") })],
});

function showFindings(found) {
  if (!found.length) {
    findings.replaceChildren(element("p", "chip good", "✓ " + text("no-findings")));
    return;
  }
  const ul = element("ul", "findings");
  for (const f of found) {
    const li = element("li");
    const go = element("button", "finding " + f.severity);
    go.type = "button";
    go.append(shape({ error: "denied", warning: "would-be-denied", info: "missed" }[f.severity], f.code), element("span", "", f.message), element("small", "", text("at-line", { line: f.line, column: f.column })));
    go.addEventListener("click", () => {
      view.dispatch({ selection: { anchor: Math.min(f.from, view.state.doc.length) }, scrollIntoView: true });
      view.focus();
    });
    li.append(go);
    ul.append(li);
  }
  findings.replaceChildren(ul);
}

function request(w) {
  const keys = Object.entries(w.context ?? {}).map(([k, v]) => `${k} = ${v.join(", ")}`).join("\n");
  const e = element("div", "witness");
  e.append(element("code", "", `${w.principal}\n${w.action}\n${w.resource}`));
  if (keys) e.append(element("small", "", keys));
  return e;
}

const maxChanges = 200; // that are listed

/** changes lists the principals of the world that gain or lose access, with actions and resources. */
function changes(d) {
  const note = (content) => element("p", "hint", content);
  if (!d.changes.length) return [note(d.unasked || text("nobody-changes"))];
  const ul = element("ul", "grantees");
  for (const c of d.changes.slice(0, maxChanges)) {
    const li = element("li");
    li.append(element("code", "", c.principal));
    if (c.resource !== "*") li.append(element("small", "on", "→ " + c.resource));
    const actions = element("span", "chips");
    for (const [sign, list, className] of [["+", c.gained, "good"], ["−", c.lost, "bad"]]) for (const action of list ?? []) actions.append(element("span", "chip " + className, sign + " " + action));
    li.append(actions);
    ul.append(li);
  }
  const notes = [];
  if (d.changes.length > maxChanges) notes.push(note(text("more-changes", { n: d.changes.length - maxChanges })));
  if (d.unasked) notes.push(note(d.unasked));
  return [ul, ...notes];
}

function showDifference(d) {
  const parts = [element("p", "", text("verdict." + d.verdict))];
  for (const [name, w] of [["gained", d.gained], ["lost", d.lost]]) {
    if (w) parts.push(element("h3", name, text("witness." + name)), request(w));
  }
  if (d.verdict !== "equal") {
    parts.push(element("h3", "", text("who-changes")));
    parts.push(...changes(d));
    const pre = element("pre", "diff");
    pre.tabIndex = 0;
    for (const l of d.lines) {
      const line = element("span", "line" + ({ "+": " plus", "-": " minus" }[l.Op] ?? ""));
      line.append(element("i", "", l.Op), l.Text);
      pre.append(line);
    }
    parts.push(pre);
  }
  difference.replaceChildren(...parts);
}

let waiting;
let asked = 0;
function later() {
  if (!difference) return;
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const mine = ++asked;
    try {
      const d = await post("data/compare", { name: page.dataset.name, text: area.value });
      if (mine === asked) showDifference(d);
    } catch (error) {
      if (mine === asked) difference.replaceChildren(element("p", "hint", error.message));
    }
  }, 250);
}

document.getElementById("format").addEventListener("click", () => {
  try {
    const formatted = JSON.stringify(JSON.parse(area.value), null, 2);
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: formatted } });
  } catch {
    view.focus(); // the finding shows where the text is not JSON
  }
});
kind?.addEventListener("change", () => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: area.value } }));
later();
host.editor = view; // for tests
