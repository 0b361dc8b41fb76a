// The bundle starts the server that the settings name, for the languages of policies.
import assert from "node:assert/strict";
import Module from "node:module";
import { test } from "node:test";

test("the extension starts writ lsp", async () => {
  const started = [];
  class LanguageClient {
    constructor(...args) { started.push(args); }
    async start() { started.push("start"); }
    async stop() { started.push("stop"); }
  }
  const load = Module._load;
  Module._load = (name, ...rest) => {
    if (name === "vscode") return { workspace: { getConfiguration: () => ({ get: () => "/opt/writ" }) } };
    if (name === "vscode-languageclient/node") return { LanguageClient };
    return load(name, ...rest);
  };
  const extension = Module.createRequire(import.meta.url)("./extension.js");
  await extension.activate();
  await extension.deactivate();
  const [id, , server, options] = started[0];
  assert.equal(id, "writ");
  assert.deepEqual(server, { command: "/opt/writ", args: ["lsp"] });
  assert.deepEqual(options.documentSelector.map((d) => d.language), ["json", "jsonc", "yaml"]);
  assert.deepEqual(started.slice(1), ["start", "stop"]);
});
