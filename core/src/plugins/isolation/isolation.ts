import { chmodSync, existsSync, lchownSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Deps, VedetteError } from "@vedette/sdk";
import type { Telemetry } from "../../telemetry/index.ts";
import { type IsolationConfig, type IsolationRule, ruleOf } from "./config.ts";
import type { Confinement } from "./confinement.ts";
import { type HostsNetwork, openHostsNetwork } from "./network.ts";
import { tools } from "./tools.ts";
import { userOf } from "./users.ts";

interface OpenDeps extends Pick<Deps, "log" | "clock"> {
  readonly telemetry: Telemetry;
}

/** Keeps programs of plugins apart from us and from each other. */
export class Isolation {
  readonly #config: IsolationConfig;
  readonly #networks = new Map<string, HostsNetwork>();

  /** Throws `config.invalid` where this system cannot hold what the configuration asks for. */
  static async open(config: IsolationConfig, deps: OpenDeps): Promise<Isolation> {
    const isolation = new Isolation(config);
    const asked = Object.entries(config.rules).filter(([, { hosts }]) => hosts !== undefined);
    if (asked.length === 0) return isolation;
    const counter = deps.telemetry.counter(
      "vedette_program_connections_total",
      "Connections that a plugin's program asked its network's proxy for, by outcome: reached, refused, failed.",
      ["plugin", "outcome"],
    );
    try {
      for (const [name, { hosts = [] }] of asked)
        isolation.#networks.set(name, await openHostsNetwork(name, hosts, deps, counter));
    } catch (error) {
      isolation.close();
      throw error;
    }
    return isolation;
  }

  private constructor(config: IsolationConfig) {
    this.#config = config;
    const refuse = (why: string): never => {
      throw new VedetteError("config.invalid", `isolation cannot be held here: ${why}`, { verdict: "stop" });
    };
    if (process.getuid?.() !== 0) refuse("only root may start programs as other users.");
    const all = Object.values(config.rules);
    const asked = {
      setpriv: true,
      unshare: all.some(
        ({ network, hosts, readable, writable }) => network === "none" || hosts || readable || writable,
      ),
      mount: all.some(({ readable, writable }) => readable || writable),
      nsenter: all.some(({ hosts }) => hosts !== undefined),
      ip: all.some(({ hosts }) => hosts !== undefined),
    };
    for (const name of ["setpriv", "unshare", "mount", "nsenter", "ip"] as const)
      if (asked[name] && !existsSync(tools[name]))
        refuse(`there is no ${tools[name]} (${name === "ip" ? "iproute2" : "util-linux"}).`);
    if (asked.mount && !existsSync(tools.chroot)) refuse(`there is no ${tools.chroot} (coreutils).`);
    mkdirSync(config.dir, { recursive: true, mode: 0o711 });
    chmodSync(config.dir, 0o711);
    mkdirSync(join(config.dir, "root"), { recursive: true, mode: 0o700 });
    for (let at = dirname(config.dir); ; at = dirname(at)) {
      if ((statSync(at).mode & 0o001) === 0)
        refuse(`other users may not pass through ${at}; choose another isolation.dir.`);
      if (at === "/") break;
    }
  }

  rule(name: string): IsolationRule {
    return ruleOf(this.#config, name);
  }

  /**
   * The confinement of a plugin, whose folder is made where there is none. `key` names the user: plugins of one key share one;
   * `name` names the rule. Throws where the users are used up.
   */
  of(key: string, name: string): Confinement {
    const { dir, users } = this.#config;
    const user = userOf(dir, users, key);
    const home = join(dir, String(user));
    mkdirSync(home, { recursive: true, mode: 0o750 });
    // The folder itself is ours, so that no plugin puts a link in the place of a folder that we write into.
    lchownSync(home, 0, user);
    chmodSync(home, 0o750);
    ownFolders(home, user, ["home", "tmp"]);
    const rule = this.rule(name);
    const { readable, writable } = rule;
    const network = this.#networks.get(name) ?? rule.network ?? "open";
    const files = readable || writable ? { readable: readable ?? [], writable: writable ?? [] } : undefined;
    return { user, home, network, files, root: join(dir, "root"), rule };
  }

  /** Ends the networks of programs, and what goes over them. Safe to call twice. */
  close(): void {
    for (const network of this.#networks.values()) network.close();
    this.#networks.clear();
  }
}

/** Makes folders in a plugin's own and gives them to it. */
export function ownFolders(home: string, user: number, names: readonly string[]): void {
  for (const name of names) {
    const folder = join(home, name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    lchownSync(folder, user, user);
  }
}
