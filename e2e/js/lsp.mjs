// A session of `writ lsp` with the client library of Visual Studio Code: open a
// policy, read the diagnostics, take a quick fix, hover, complete, read the lens.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import protocol from "vscode-languageserver-protocol/node";

const path = process.argv[2];
const uri = pathToFileURL(path).href;
const text = readFileSync(path, "utf8");

const server = spawn("writ", ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
const exited = new Promise((resolve) => server.on("exit", resolve));
const connection = protocol.createProtocolConnection(new protocol.StreamMessageReader(server.stdout), new protocol.StreamMessageWriter(server.stdin));
let published;
const diagnostics = () => new Promise((resolve) => (published = resolve));
connection.onNotification(protocol.PublishDiagnosticsNotification.type, (params) => published(params));
connection.listen();

const { capabilities, serverInfo } = await connection.sendRequest(protocol.InitializeRequest.type, { processId: process.pid, rootUri: null, capabilities: {} });
assert.equal(serverInfo.name, "writ");
assert.equal(capabilities.positionEncoding, "utf-16");
await connection.sendNotification(protocol.InitializedNotification.type, {});

const first = diagnostics();
await connection.sendNotification(protocol.DidOpenTextDocumentNotification.type, { textDocument: { uri, languageId: "json", version: 1, text } });
const found = (await first).diagnostics;
assert.deepEqual(found.map((d) => d.code), ["INVALID_ACTION"]);

const actions = await connection.sendRequest(protocol.CodeActionRequest.type, { textDocument: { uri }, range: found[0].range, context: { diagnostics: found } });
assert.equal(actions[0].title, "Change the action to GetObject");
const edit = actions[0].edit.changes[uri][0];
assert.equal(edit.newText, '"s3:GetObject"');

const position = (part) => {
  const before = text.slice(0, text.indexOf(part) + part.length).split("\n");
  return { line: before.length - 1, character: before.at(-1).length };
};
const hover = await connection.sendRequest(protocol.HoverRequest.type, { textDocument: { uri }, position: position("s3:PutOb") });
assert.match(hover.contents.value, /^\*\*s3:PutObject\*\* \(Amazon S3, Write\)/);
const list = await connection.sendRequest(protocol.CompletionRequest.type, { textDocument: { uri }, position: position("s3:PutOb") });
assert.deepEqual(list.items.slice(0, 2).map((i) => i.label), ["s3:PutObject", "s3:PutObjectAcl"]);

const fixed = text.replace("s3:GetObjct", "s3:GetObject");
const second = diagnostics();
await connection.sendNotification(protocol.DidChangeTextDocumentNotification.type, { textDocument: { uri, version: 2 }, contentChanges: [{ text: fixed }] });
assert.deepEqual((await second).diagnostics, []);
const lenses = await connection.sendRequest(protocol.CodeLensRequest.type, { textDocument: { uri } });
assert.match(lenses[0].command.title, /^compared with the committed version, allows in addition: .* may s3:(get|put)object on /i);

await connection.sendRequest(protocol.ShutdownRequest.type);
await connection.sendNotification(protocol.ExitNotification.type);
assert.equal(await exited, 0);
console.log("ok");
