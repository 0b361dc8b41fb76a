// What every page has: texts, requests to the console, the list of principals.

const texts = JSON.parse(document.getElementById("texts").textContent);

/** text is a text by its name, with values in the place of {names}. */
export function text(name, values = {}) {
  return texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

/** layerName is what a layer of policies is called. */
export function layerName(layer) {
  return texts["layer." + layer] ?? layer;
}

/** path is where the console is, with its world. */
export const path = document.body.dataset.path;

const tokenElement = document.querySelector('meta[name="writ-token"]');

/** get asks one of the console's paths and decodes its answer. */
export async function get(address, options = {}) {
  const response = await fetch(path + address, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.message || response.statusText);
  return answer;
}

/** post sends a body in JSON. A server that was started anew has another token: it is asked for once. */
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

/** renewToken asks for the present token, and puts it into the forms of the page. */
export async function renewToken() {
  const { token } = await get("token");
  tokenElement.content = token;
  for (const input of document.querySelectorAll('input[name="token"]')) input.value = token;
}

/** shape is an outcome as a shape and a word. */
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

/** element makes an element with a class and a text. */
export function element(name, className = "", content = "") {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (content !== "") e.textContent = content;
  return e;
}

// The principals that a field offers are asked for when the field is first entered.
const principals = document.getElementById("principals");
document.addEventListener("focusin", async (event) => {
  if (event.target.getAttribute?.("list") !== "principals" || principals.dataset.asked) return;
  principals.dataset.asked = "yes";
  const { accounts, principals: found } = await get("data/overview").catch(() => ({ accounts: [], principals: [] }));
  const names = [...found.map((p) => p.arn), ...accounts.map((a) => `arn:aws:iam::${a.id}:root`)];
  principals.replaceChildren(...names.slice(0, 2000).map((n) => new Option(n)));
});

// A form that was made before the server was started carries the token of now.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", async (event) => {
    if (form.dataset.renewed) {
      delete form.dataset.renewed; // an answer that is a file leaves the page
      return;
    }
    event.preventDefault();
    await renewToken().catch(() => {});
    form.dataset.renewed = "yes";
    form.requestSubmit(event.submitter);
  });
}

// Escape closes what was opened over the page.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details.act[open]")) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});
