import { Redactor } from "@vedette/core/telemetry";
import { type AnyConnectionType, type Clock, createEgress, type Logger } from "@vedette/sdk";
import { type ControlDatabase, openSecretBox, watchedBox } from "../../control/index.ts";
import { Connections } from "../connections.ts";

interface Given {
  readonly clock: Clock;
  readonly log: Logger;
  readonly plugins?: readonly {
    readonly id: string;
    readonly connections?: Readonly<Record<string, AnyConnectionType>>;
  }[];
  readonly allow?: readonly string[];
  readonly redactor?: Redactor;
}

/** Connections of a database with a key of their own, for tests. */
export function testConnections(database: ControlDatabase, given: Given): Connections {
  const { clock, log, plugins = [], allow = [], redactor = new Redactor() } = given;
  const nowhere = { kind: "sqlite" as const, dir: "/nowhere" };
  const box = openSecretBox(nowhere, { VEDETTE_SECRET_KEY: Buffer.alloc(32, 7).toString("base64") });
  return new Connections({
    ...{
      database,
      box: watchedBox(box, (secret) => redactor.know(secret)),
      redactor,
      plugins: () => plugins,
    },
    ...{ clock, log, signal: new AbortController().signal, egress: createEgress({ allow: [...allow] }) },
  });
}
