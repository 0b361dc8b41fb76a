// The page of one decision: the request is decided again as it is edited; the calls of the fix.

import { get, post, shape, element, text } from "./frame.js";

const form = document.getElementById("whatif-form");
const result = document.getElementById("whatif-result");
const keys = document.getElementById("keys");
const kinds = { allowed: "allowed", denied: "denied", "would be denied": "would-be-denied" };

function question() {
  const q = { principal: form.principal.value.trim(), action: form.action.value.trim(), resource: form.resource.value.trim(), context: {} };
  for (const row of keys.children) {
    const [key, value] = row.querySelectorAll("input");
    if (!key.value.trim()) continue;
    const changed = value.dataset.asIs === undefined || value.value !== value.dataset.asIs;
    if (changed && value.value !== "") q.context[key.value.trim()] = value.value.split(",").map((v) => v.trim());
  }
  return q;
}

let asked = 0;
async function decide() {
  const mine = ++asked;
  const start = performance.now();
  let record, problem;
  try {
    record = await post("data/decide", question());
  } catch (error) {
    problem = error.message;
  }
  if (mine !== asked) return; // a later request is pending
  const took = Math.round(performance.now() - start);
  if (problem) {
    result.replaceChildren(element("p", "problem", problem));
    return;
  }
  const head = element("p", "row");
  const flips = record.outcome !== result.dataset.was;
  head.append(shape(kinds[record.outcome], record.outcome), element("span", "chip" + (flips ? " warn" : ""), flips ? text("flips") : text("same")), element("span", "hint", text("decided-in", { ms: took })));
  const parts = [head, element("p", "sentence", record.sentence)];
  if (record.change) parts.push(element("p", "hint", record.change.summary));
  result.replaceChildren(...parts);
  result.dataset.took = took;
}

form?.addEventListener("input", decide);
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  decide();
});
document.getElementById("add-key")?.addEventListener("click", () => {
  keys.append(document.getElementById("key-row").content.cloneNode(true));
  keys.lastElementChild.querySelector("input").focus();
});

const copy = document.getElementById("copy-cli");
copy?.addEventListener("click", async () => {
  const shown = document.getElementById("commands");
  try {
    const { commands } = await get(copy.dataset.calls.slice(document.body.dataset.path.length));
    shown.textContent = commands.join("\n");
    shown.hidden = false;
    await navigator.clipboard.writeText(shown.textContent);
    copy.textContent = text("copied");
  } catch (error) {
    if (!shown.textContent) {
      shown.textContent = error.message;
      shown.hidden = false;
      return;
    }
    copy.textContent = text("copy-failed");
  }
});
