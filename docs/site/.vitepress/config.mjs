// The site of the documents in docs, as they are: VitePress reads them there and fails on a
// link that leads nowhere. What they name outside docs is on GitHub.
import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";

const docs = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const root = dirname(docs);
const repository = "https://github.com/writdev/writ/blob/main/";

// outside rewrites links to files that are no pages; a file that is not there fails.
function outside(md) {
  const open = md.renderer.rules.link_open ?? ((tokens, i, options, _, self) => self.renderToken(tokens, i, options));
  md.renderer.rules.link_open = (tokens, i, options, env, self) => {
    const href = tokens[i].attrGet("href");
    if (href && !/^([a-z]+:|#|\/)/.test(href)) {
      const [path, anchor = ""] = href.split(/(?=#)/);
      const target = resolve(dirname(resolve(docs, env.relativePath)), decodeURI(path));
      const isPage = target.startsWith(docs + "/") && target.endsWith(".md");
      if (!isPage) {
        if (!existsSync(target)) throw new Error(`${env.relativePath}: ${href} leads nowhere`);
        tokens[i].attrSet("href", repository + relative(root, target) + anchor);
      }
    }
    return open(tokens, i, options, env, self);
  };
}

// plain keeps text as it is: braces are no expressions of Vue, comments are not shown.
function plain(md) {
  md.core.ruler.before("normalize", "comments", (state) => {
    state.src = state.src.replace(/^<!--.*-->$/gm, "");
  });
  for (const kind of ["text", "code_inline"]) {
    const render = md.renderer.rules[kind];
    md.renderer.rules[kind] = (...given) => render(...given).replaceAll("{{", "&#123;&#123;");
  }
}

const pages = (list) => list.map(([text, link]) => ({ text, link }));

export default defineConfig({
  title: "Writ",
  description: "A local AWS endpoint that enforces every policy put into it, and explains every decision",
  srcDir: docs,
  srcExclude: ["site/**", "design/**"],
  outDir: resolve(root, "dist/site"),
  cleanUrls: true,
  vite: { resolve: { alias: { vue: resolve(docs, "site/node_modules/vue") } } }, // the pages are outside of this package
  markdown: { html: false, config: (md) => md.use(outside).use(plain) },
  themeConfig: {
    search: { provider: "local" },
    socialLinks: [{ icon: "github", link: "https://github.com/writdev/writ" }],
    sidebar: [
      { text: "Tutorial", link: "/tutorial" },
      {
        text: "How-to",
        items: pages([
          ["AWS CLI", "/how-to/aws-cli"], ["Python", "/how-to/python"], ["Go", "/how-to/go"], ["JavaScript", "/how-to/javascript"],
          ["Terraform", "/how-to/terraform"], ["CDK", "/how-to/cdk"], ["Testcontainers", "/how-to/testcontainers"],
          ["moto, LocalStack", "/how-to/migrate"], ["Operate", "/operations"], ["Embed the engine", "/embed"],
        ]),
      },
      {
        text: "Reference",
        items: pages([
          ["Command line", "/reference/cli"], ["Endpoints", "/reference/endpoints"], ["Operations served", "/coverage"],
          ["World files", "/reference/world-file"], ["Worlds and the clock", "/reference/worlds"], ["Invariants", "/reference/invariants"],
          ["Replay", "/reference/replay"], ["Decision records", "/reference/decision-record"], ["Findings", "/reference/findings"],
          ["Differences from AWS", "/divergences"], ["Policy rules", "/policy-rules"],
        ]),
      },
      {
        text: "Explanation",
        items: pages([
          ["How a decision is made", "/explanation/decisions"], ["Architecture", "/architecture"], ["Policy engine", "/policy-engine"],
          ["Console", "/console"], ["Proof", "/proof"],
        ]),
      },
    ],
  },
});
