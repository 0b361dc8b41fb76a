// The page of one decision: the request is decided again as it is edited; the calls of the fix.

import { get, post, shape, element, text } from "./frame.js";

const form = document.getElementById("whatif-form");
const result = document.getElementById("whatif-result");
const keys = document.getElementById("keys");
const kinds = { allowed: "allowed", denied: "denied", "would be denied": "would-be-denied" };

const lines = (value) => value.split("\n").map((line) => line.trim()).filter((line) => line !== "");
const edited = (field) => field.value.trim() !== field.defaultValue.trim();

/** question returns what differs from the decision: the rest of its request stays. */
function question() {
  const q = { decision: form.dataset.decision, context: {}, session: {} };
  for (const name of ["principal", "action", "resource"]) if (edited(form[name])) q[name] = form[name].value.trim();
  for (const row of keys.children) {
    const [key, value, absent] = row.querySelectorAll("input[name=key], textarea, input[name=absent]");
    if (!key.value.trim() || !(edited(key) || edited(value) || absent.checked !== absent.defaultChecked)) continue;
    q.context[key.value.trim()] = absent.checked ? [] : lines(value.value);
  }
  const s = q.session;
  if (edited(form.policy)) s.policy = form.policy.value;
  if (edited(form["policy-arns"])) s.policyArns = lines(form["policy-arns"].value);
  if (edited(form.tags)) s.tags = Object.fromEntries(lines(form.tags.value).map((line) => line.split(/=(.*)/s).map((part) => part.trim())).map(([key, value]) => [key, value ?? ""]));
  if (edited(form["source-identity"])) s.sourceIdentity = form["source-identity"].value.trim();
  if (form.mfa.value) s.mfa = form.mfa.value === "true";
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
  const flips = (record.verdict === "allow") !== (result.dataset.was === "allow");
  head.append(shape(kinds[record.outcome], record.outcome), element("span", "chip" + (flips ? " warn" : ""), flips ? text("flips") : text("same")), element("span", "hint", text("decided-in", { ms: took })));
  const parts = [head, element("p", "sentence", record.sentence)];
  if (record.change) parts.push(element("p", "hint", record.change.summary));
  result.replaceChildren(...parts);
  result.dataset.took = took;
}

form?.addEventListener("input", (event) => {
  const row = event.target.closest(".key");
  if (row && event.target.name === "value") row.querySelector("[name=absent]").checked = false;
  decide();
});
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
