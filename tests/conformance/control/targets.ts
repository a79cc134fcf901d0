import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noPostgres, Postgres } from "@vedette/testkit";
import { controlConfig } from "../../../collector/src/config/control.ts";
import { type ControlTarget, controlTarget } from "../../../collector/src/control/index.ts";

/** A kind of control database that the suite runs on. */
export interface Kind {
  readonly name: string;
  /** Undefined where this machine has none: its tests are skipped, and seen to be. */
  readonly open: (() => Promise<Opened>) | undefined;
}

export interface Opened {
  /** A new, empty database. */
  fresh(): Promise<ControlTarget>;
  close(): Promise<void>;
}

const missing = noPostgres();

/** SQLite and PostgreSQL. */
export const kinds: readonly Kind[] = [
  {
    name: "SQLite",
    open: async () => {
      const dir = mkdtempSync(join(tmpdir(), "vedette-control-"));
      let count = 0;
      return {
        fresh: async () => ({ kind: "sqlite", dir: join(dir, String(count++)) }),
        close: async () => rmSync(dir, { recursive: true, force: true }),
      };
    },
  },
  {
    name: `PostgreSQL${missing === undefined ? "" : ` (skipped: ${missing})`}`,
    open: missing === undefined ? postgres : undefined,
  },
];

async function postgres(): Promise<Opened> {
  const server = await Postgres.start();
  return { fresh: () => freshDatabase(server), close: () => server.stop() };
}

/** A database of its own, and its owner, whose password is one that no URL could hold as it is. */
export async function freshDatabase(server: Postgres, more: object = {}): Promise<ControlTarget> {
  const password = `p@ss/w%rd#'"${randomBytes(6).toString("hex")}`;
  const { url } = await server.database(`vedette_${randomBytes(6).toString("hex")}`, password);
  return controlTarget(controlConfig.parse({ url, password, ...more }), "/nowhere", "/");
}
