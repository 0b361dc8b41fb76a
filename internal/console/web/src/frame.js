// Shared by all pages: texts, requests to the console, the list of principals.

const texts = JSON.parse(document.getElementById("texts").textContent);

/** text returns a text by its name, with values in place of {names}. */
export function text(name, values = {}) {
  return texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

/** layerName returns the display name of a layer of policies. */
export function layerName(layer) {
  return texts["layer." + layer] ?? layer;
}

/** path is the path of the console, including its world. */
export const path = document.body.dataset.path;

const tokenElement = document.querySelector('meta[name="writ-token"]');

/** get requests one of the console's paths and decodes the response. */
export async function get(address, options = {}) {
  const response = await fetch(path + address, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.message || response.statusText);
  return answer;
}

/** post sends a JSON body. A restarted server has another token, which is then requested once. */
export async function post(address, body, options = {}) {
  const send = () =>
    fetch(path + address, {
      ...options,
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Writ-Token": tokenElement.content },
      body: JSON.stringify(body),
    });
  let response = await send();
  if (response.status === 403) {
    await renewToken();
    response = await send();
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.message || text("stale"));
  return answer;
}

/** renewToken requests the current token, and sets it in the forms of the page. */
export async function renewToken() {
  const { token } = await get("token");
  tokenElement.content = token;
  for (const input of document.querySelectorAll('input[name="token"]')) input.value = token;
}

/** shape returns an outcome as a shape and a word. */
export function shape(kind, label) {
  const span = document.createElement("span");
  span.className = "outcome " + kind;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "#shape-" + kind);
  svg.append(use);
  const word = document.createElement("span");
  word.textContent = label;
  span.append(svg, word);
  return span;
}

/** element returns an element with a class and a text. */
export function element(name, className = "", content = "") {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (content !== "") e.textContent = content;
  return e;
}

// The suggested principals are requested when a field first gets the focus.
const principals = document.getElementById("principals");
document.addEventListener("focusin", async (event) => {
  if (event.target.getAttribute?.("list") !== "principals" || principals.dataset.asked) return;
  principals.dataset.asked = "yes";
  const { accounts, principals: found } = await get("data/overview").catch(() => ({ accounts: [], principals: [] }));
  const names = [...found.map((p) => p.arn), ...accounts.map((a) => `arn:aws:iam::${a.id}:root`)];
  principals.replaceChildren(...names.slice(0, 2000).map((n) => new Option(n)));
});

// A form that was rendered before the server restarted is sent with the current token.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", async (event) => {
    if (form.dataset.renewed) {
      delete form.dataset.renewed; // a response that is a file does not replace the page
      return;
    }
    event.preventDefault();
    await renewToken().catch(() => {});
    form.dataset.renewed = "yes";
    form.requestSubmit(event.submitter);
  });
}

// Escape closes overlays.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details.act[open]")) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});
