// The extension only starts `writ lsp` and connects the editor with it.
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = async () => {
  const command = vscode.workspace.getConfiguration("writ").get("path");
  client = new LanguageClient("writ", "Writ", { command, args: ["lsp"] }, {
    documentSelector: ["json", "jsonc", "yaml"].map((language) => ({ scheme: "file", language })),
  });
  await client.start();
};

exports.deactivate = () => client?.stop();
