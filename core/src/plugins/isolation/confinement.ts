import type { IsolationRule } from "./config.ts";
import type { HostsNetwork } from "./network.ts";

/** How one program is confined. */
export interface Confinement {
  /** Number of its user and of its group. */
  readonly user: number;
  /** Its own folder: it may enter it, and write in the folders in it. */
  readonly home: string;
  /** That of this machine, a network of its own with nothing in it, or one with a proxy to some hosts. */
  readonly network: "open" | "none" | Pick<HostsNetwork, "namespace" | "proxy">;
  /** Undefined: it sees all files that its user may see. */
  readonly files: { readonly readable: readonly string[]; readonly writable: readonly string[] } | undefined;
  /** An empty folder, over which its view of the file system is mounted. */
  readonly root: string;
  readonly rule: IsolationRule;
}
