import { chmodSync, existsSync, lchownSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { VedetteError } from "@vedette/sdk";
import { type IsolationConfig, type IsolationRule, ruleOf } from "./config.ts";
import type { Confinement } from "./confinement.ts";
import { tools } from "./launch.ts";
import { userOf } from "./users.ts";

/** Keeps programs of plugins apart from us and from each other. */
export class Isolation {
  readonly #config: IsolationConfig;

  /** Throws `config.invalid` where this system cannot hold what the configuration asks for. */
  constructor(config: IsolationConfig) {
    this.#config = config;
    const refuse = (why: string): never => {
      throw new VedetteError("config.invalid", `isolation cannot be held here: ${why}`, { verdict: "stop" });
    };
    if (process.getuid?.() !== 0) refuse("only root may start programs as other users.");
    const all = Object.values(config.rules);
    const asked = {
      setpriv: true,
      unshare: all.some(({ network, readable, writable }) => network === "none" || readable || writable),
      mount: all.some(({ readable, writable }) => readable || writable),
    };
    for (const name of ["setpriv", "unshare", "mount"] as const)
      if (asked[name] && !existsSync(tools[name])) refuse(`there is no ${tools[name]} (util-linux).`);
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
    const { readable, writable, network } = rule;
    const files = readable || writable ? { readable: readable ?? [], writable: writable ?? [] } : undefined;
    return { user, home, network, files, root: join(dir, "root"), rule };
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
