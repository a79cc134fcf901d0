import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { Server, type Socket } from "node:net";
import { type Deps, VedetteError } from "@vedette/sdk";
import { type Counter, rateLimited } from "../../telemetry/index.ts";
import { allowedHosts } from "./hosts.ts";
import { hostProxy, maxConnections } from "./proxy.ts";
import { tools } from "./tools.ts";

/** Where the proxy is in a network of a program's own. */
const port = 3128;
const openMs = 20_000;
/**
 * Runs in the new network, before anything of the plugin does: it makes the listening socket there, hands it to us, and ends. A
 * socket stays in the network in which it was made.
 */
const listen = `
const server = require("node:net").createServer();
process.once("message", () => process.exit(0));
server.listen(${port}, "127.0.0.1", () => process.send("listening", server));
`;

/** A network in which there is nothing but a proxy to some hosts. */
export interface HostsNetwork {
  /** The namespace, as `nsenter` takes it; ours as long as it is open. */
  readonly namespace: string;
  /** Address of the proxy in it. */
  readonly proxy: string;
  close(): void;
}

/** Makes a network for the plugin of a name. Throws `config.invalid` where the system does not have such. */
export async function openHostsNetwork(
  name: string,
  hosts: readonly string[],
  { log, clock }: Pick<Deps, "log" | "clock">,
  counter: Counter,
): Promise<HostsNetwork> {
  const script = `${tools.ip} link set lo up && exec "$0" -e "$1"`;
  const child = spawn(tools.unshare, ["--net", "--", "/bin/sh", "-c", script, process.execPath, listen], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: {},
    timeout: openMs,
  });
  const { handle, namespace } = await handed(child).catch((cause: unknown) => {
    child.kill("SIGKILL");
    const why = `The network of the plugin "${name}" (isolation.rules) cannot be made here: ${String(cause)}`;
    throw new VedetteError("config.invalid", why, { verdict: "stop" }, { cause });
  });
  const count = (outcome: "reached" | "refused" | "failed"): void =>
    counter.add(1, { plugin: name, outcome });
  const warn = rateLimited(
    (fields, message) => log.warn({ plugin: name, ...fields }, message),
    60_000,
    clock.now,
  );
  const proxy = hostProxy(allowedHosts(hosts), {
    reached: () => count("reached"),
    refused: (target, why) => {
      count("refused");
      warn({ target, why }, "A plugin asked for a host that its rule does not name.");
    },
    failed: (target, why) => {
      count("failed");
      log.debug({ plugin: name, target, why }, "A plugin's connection could not be made.");
    },
  });
  handle.maxConnections = maxConnections;
  const sockets = new Set<Socket>();
  handle.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    proxy.emit("connection", socket);
  });
  handle.on("drop", () => count("refused"));
  handle.unref();
  return {
    namespace: `/proc/${process.pid}/fd/${namespace}`,
    proxy: `http://127.0.0.1:${port}`,
    close() {
      handle.close();
      for (const socket of sockets) socket.destroy();
      closeSync(namespace);
    },
  };
}

/** The listening socket that a child hands over, and a descriptor of the network it is in. */
async function handed(child: ChildProcess): Promise<{ readonly handle: Server; readonly namespace: number }> {
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = `${said}${chunk.toString("utf8")}`.slice(-400);
  });
  const got = Promise.withResolvers<Server>();
  child.once("message", (_, handle) =>
    handle instanceof Server ? got.resolve(handle) : got.reject(new Error("no socket came")),
  );
  child.once("error", got.reject);
  child.once("close", (code) => got.reject(new Error(said.trim() || `it ended with code ${code}`)));
  const handle = await got.promise;
  const namespace = openSync(`/proc/${child.pid}/ns/net`, "r");
  child.send("done");
  await once(child, "exit");
  return { handle, namespace };
}
