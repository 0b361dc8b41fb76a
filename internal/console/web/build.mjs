// Builds ../assets from src: scripts with their libraries, the style, the licences of the
// libraries, and the digest of the sources, with which a Go test checks that the built files
// match the sources.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync, copyFileSync } from "node:fs";
import { join } from "node:path";

const out = "../assets";
rmSync(out, { recursive: true, force: true });
mkdirSync(out);

const pages = readdirSync("src").filter((f) => f.endsWith(".js")).map((f) => "src/" + f);
const { metafile } = await build({
  entryPoints: [...pages, "src/console.css"],
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  charset: "utf8",
  chunkNames: "chunk-[hash]",
  metafile: true,
});
copyFileSync("src/icon.svg", join(out, "icon.svg"));

const modules = new Set();
for (const output of Object.values(metafile.outputs)) {
  for (const input of Object.keys(output.inputs)) {
    const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
    if (found) modules.add(found[1]);
  }
}
let licences = "Libraries in the scripts of the console, with their licences.\n";
for (const name of [...modules].sort()) {
  const dir = join("node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(dir, "package.json")));
  const file = readdirSync(dir).find((f) => /^licen[cs]e/i.test(f));
  if (license !== "MIT" || !file) throw new Error(`${name}: licence ${license}, file ${file}`);
  licences += `\n=== ${name} ${version} (${license})\n\n${readFileSync(join(dir, file), "utf8").trim()}\n`;
}
writeFileSync(join(out, "licences.txt"), licences);

const digest = createHash("sha256");
const sources = readdirSync("src", { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
const files = ["build.mjs", "package.json", "package-lock.json", ...sources.map((f) => join(f.parentPath, f.name))];
for (const file of files.sort()) digest.update(file + "\0").update(readFileSync(file)).update("\0");
writeFileSync(join(out, "sources.txt"), digest.digest("hex") + "\n");
