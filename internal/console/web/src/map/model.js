// The overview as a tree of groups: organizations and units contain accounts, accounts contain rows.

const maxRows = 8; // of an account that is not expanded

/** shortName returns the part of an ARN that identifies it within its account. */
export function shortName(arn) {
  const fields = arn.split(":");
  return fields.length > 5 ? fields.slice(5).join(":") : arn;
}

/** edgeId returns the id of an edge. */
export const edgeId = (e) => e.resource + " " + e.principal;

/** tree returns the groups of an overview. opened has the ids of accounts whose rows are all shown. */
export function tree(overview, opened, text) {
  const groups = new Map();
  const root = { id: "", kind: "world", name: "", children: [] };
  for (const node of overview.nodes) groups.set(node.id, { id: node.id, arn: node.arn, kind: node.kind, name: node.kind === "organization" ? text("map.org", { name: node.name }) : node.name, children: [], parentId: node.parent });
  const accounts = new Map();
  for (const a of overview.accounts) {
    const account = { id: a.id, kind: "account", name: a.name || a.id, closed: a.closed, rows: [], parentId: a.parent };
    accounts.set(a.id, account);
    groups.set(a.id, account);
  }
  for (const e of overview.edges) {
    if (e.account || overview.nodes.some((n) => n.arn === e.principal)) continue;
    if (!groups.has(e.principal)) groups.set(e.principal, { id: e.principal, kind: "account", name: e.principal === "*" ? text("map.everybody") : e.principal, other: true, rows: [] });
  }
  // A root is shown as its organization: showing both would only add a frame.
  for (const group of groups.values()) {
    let parent = groups.get(group.parentId);
    if (parent?.kind === "root") parent = groups.get(parent.parentId) ?? parent;
    if (group.kind === "root" && groups.has(group.parentId)) continue;
    group.parent = parent ?? root;
    group.parent.children.push(group);
  }
  addRows(overview, accounts, opened, text);
  const byArn = new Map([...groups.values()].filter((r) => r.arn).map((r) => [r.arn, r.kind === "root" ? groups.get(r.parentId) ?? r : r]));
  return { root, groups, accounts, byArn };
}

// addRows adds the shared resources, and the principals they are shared with, to their accounts.
function addRows(overview, accounts, opened, text) {
  const shared = new Map(); // resource to whether one of its sharings is incomplete
  const named = new Set();
  for (const e of overview.edges) {
    shared.set(e.resource, shared.get(e.resource) || Boolean(e.missing?.length));
    if (e.principal !== e.account) named.add(e.principal);
  }
  const rows = new Map();
  const add = (account, row) => {
    if (!rows.has(account)) rows.set(account, []);
    rows.get(account).push(row);
  };
  for (const [arn, incomplete] of shared) add(arn.split(":")[4], { id: arn, kind: "resource", name: shortName(arn), incomplete });
  for (const arn of named) if (arn.split(":")[2] === "iam" && accounts.has(arn.split(":")[4])) add(arn.split(":")[4], { id: arn, kind: "principal", name: shortName(arn) });
  const counts = new Map();
  for (const r of overview.resources) if (!shared.has(r.arn)) counts.set(r.account, (counts.get(r.account) ?? 0) + 1);
  for (const account of accounts.values()) {
    const list = (rows.get(account.id) ?? []).sort((a, b) => Number(b.incomplete ?? 0) - Number(a.incomplete ?? 0) || (a.id < b.id ? -1 : 1));
    const shown = opened.has(account.id) ? list.length : list.length > maxRows + 1 ? maxRows : list.length;
    account.rows = list.slice(0, shown);
    account.rowOf = new Map(list.map((row, i) => [row.id, Math.min(i, shown)]));
    if (list.length > shown) account.rows.push({ id: "more " + account.id, kind: "more", name: text("map.more", { n: list.length - shown }) });
    account.unshared = counts.get(account.id) ?? 0;
  }
}
