import type { IsolationRule } from "./config.ts";

/** How one program is confined. */
export interface Confinement {
  /** Number of its user and of its group. */
  readonly user: number;
  /** Its own folder: it may enter it, and write in the folders in it. */
  readonly home: string;
  readonly network: IsolationRule["network"];
  /** Undefined: it sees all files that its user may see. */
  readonly files: { readonly readable: readonly string[]; readonly writable: readonly string[] } | undefined;
  /** An empty folder, over which its view of the file system is mounted. */
  readonly root: string;
  readonly rule: IsolationRule;
}
