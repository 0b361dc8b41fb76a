// Writ in JavaScript tests: servers, worlds, configurations of SDK clients. Start reading at
// withWorld, then at Server and World.

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";

const region = "us-east-1";

/** What a Writ server answered to a request of its own paths, or why there is none. */
export class WritError extends Error {}

async function request(method, url, body) {
  let answer;
  try {
    answer = await fetch(url, { method, body: body === undefined || typeof body === "string" ? body : JSON.stringify(body) });
  } catch (error) {
    throw new WritError(`${method} ${url}: ${error.cause?.message ?? error.message}`);
  }
  const text = await answer.text();
  if (!answer.ok) {
    let told;
    try {
      told = JSON.parse(text);
    } catch {
      told = { message: text };
    }
    throw new WritError(`${method} ${url}: ${answer.status}: ${(told.faults ?? [told.message]).join("\n")}`);
  }
  return text.trim() === "" ? undefined : JSON.parse(text);
}

/** A running Writ. */
export class Server {
  #process;

  constructor(endpoint, process) {
    this.endpoint = endpoint.replace(/\/$/, "");
    this.#process = process;
  }

  /** Uses the server at WRIT_ENDPOINT, or starts one. */
  static connect() {
    return process.env.WRIT_ENDPOINT ? Promise.resolve(new Server(process.env.WRIT_ENDPOINT)) : Server.start();
  }

  /** Starts the binary with its state in memory, on a free port of this machine. It ends with this process. */
  static start(binary = process.env.WRIT_BINARY ?? "writ") {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("WRIT_")));
    const child = spawn(binary, ["serve", "--listen", "127.0.0.1:0", "--data", ":memory:"], { stdio: ["ignore", "pipe", "ignore"], env });
    const end = () => child.kill();
    process.once("exit", end);
    return new Promise((resolve, reject) => {
      let text = "";
      child.once("error", (error) => reject(new WritError(`${binary} cannot be started (${error.message}); name the binary with WRIT_BINARY, or a running server with WRIT_ENDPOINT`)));
      child.once("exit", (code) => {
        process.off("exit", end);
        reject(new WritError(`${binary} ended with exit code ${code} before it listened`));
      });
      child.stdout.on("data", (chunk) => {
        text += chunk;
        const address = /listens on (http:\/\/\S+)/.exec(text);
        if (address) {
          child.unref(); // tests that are done need not wait for it
          child.stdout.unref?.();
          resolve(new Server(address[1], child));
        }
      });
    });
  }

  /** Makes a world: empty, of a world file (its path, or its text), or a copy of another. */
  async world({ file, copyOf } = {}) {
    const name = "js-" + randomUUID();
    const query = copyOf === undefined ? "" : "?from=" + (copyOf.name ?? copyOf);
    const body = file === undefined || file.includes?.("\n") ? file : await readFile(file, "utf8");
    await request("PUT", `${this.endpoint}/_writ/worlds/${name}${query}`, body);
    return new World(this, name);
  }

  /** Ends the process, if it was started here. */
  stop() {
    this.#process?.kill();
  }
}

/** A state of its own in a server. */
export class World {
  constructor(server, name) {
    this.server = server;
    this.name = name;
    this.endpoint = `${server.endpoint}/_writ/w/${name}`;
  }

  /** The configuration of an SDK v3 client that is a principal: an account id for its root user, or the ARN of a user or a role. */
  async client(principal, settings = {}) {
    const made = await request("POST", this.endpoint + "/_writ/credentials", { principal });
    const credentials = { accessKeyId: made.AccessKeyId, secretAccessKey: made.SecretAccessKey };
    if (made.SessionToken) {
      credentials.sessionToken = made.SessionToken;
    }
    return { endpoint: this.endpoint, region, credentials, ...settings };
  }

  /** Whether a principal may do an action on a resource now. */
  async can(principal, action, resource = "*", context = {}) {
    return (await request("POST", this.endpoint + "/_writ/decide", { principal, action, resource, context })).outcome === "allowed";
  }

  /** Moves the clock ahead: advance("36h"). */
  advance(duration) {
    return this.moveClock({ advance: duration });
  }

  /** Moves the clock as POST /_writ/clock does: set, advance, freeze, run. */
  moveClock(move) {
    return request("POST", this.endpoint + "/_writ/clock", move);
  }

  /** The decision records of the requests that were denied, the oldest first. */
  async denials() {
    return (await request("GET", this.endpoint + "/_writ/decisions?outcome=denied&limit=1000")).decisions.reverse();
  }

  /** Why requests were denied, and what would allow them; "" if none was. */
  async explanation() {
    return (await this.denials()).map(explain).join("\n\n");
  }

  /** Deletes the world. */
  delete() {
    return request("DELETE", `${this.server.endpoint}/_writ/worlds/${this.name}`);
  }
}

function explain(record) {
  const lines = [record.sentence];
  for (const reason of record.nearestMiss?.reasons ?? []) {
    lines.push(`  nearest: ${record.nearestMiss.policy ?? ""} statement ${record.nearestMiss.index}: ${reason}`);
  }
  for (const edit of record.change?.edits ?? []) {
    lines.push(`  change: ${edit.text}`);
  }
  if (record.change?.summary) {
    lines.push("  " + record.change.summary);
  }
  return lines.join("\n");
}

let shared;

/**
 * The body of a test that has a world of its own: withWorld(async (world) => ...), or
 * withWorld({ file, copyOf }, async (world) => ...). If the test fails, its error also says
 * why requests were denied.
 */
export function withWorld(options, body) {
  if (typeof options === "function") {
    [options, body] = [{}, options];
  }
  return async (...rest) => {
    shared ??= Server.connect();
    const world = await (await shared).world(options);
    try {
      await body(world, ...rest);
    } catch (error) {
      const explanation = await world.explanation();
      if (explanation !== "" && error instanceof Error) {
        error.message += "\n\nDenied by Writ:\n" + explanation;
        error.stack = `${error.name}: ${error.message}\n${(error.stack ?? "").split("\n").slice(1).join("\n")}`;
      }
      throw error;
    } finally {
      await world.delete();
    }
  };
}
