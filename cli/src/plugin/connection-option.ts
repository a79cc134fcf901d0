import { existsSync } from "node:fs";
import {
  connectionKind,
  connectionOwner,
  connectionSettings,
  type IconSpec,
  type JsonMap,
} from "@vedette/core/plugins/icon";
import { isVedetteError } from "@vedette/sdk";
import { UsageError } from "../exit.ts";
import { readMap } from "./read-map.ts";
import type { RunOptions } from "./run-context.ts";

const name = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/**
 * What `--connection` says: the map in a file or on stdin, or, where there is no such file, the connection of that name. Throws
 * a `UsageError` where there is neither.
 */
export async function connectionOption(
  spec: IconSpec,
  { connection, collectorConfig, dataDir }: RunOptions,
): Promise<JsonMap> {
  if (connection === undefined) return {};
  if (connection === "-" || existsSync(connection) || !name.test(connection))
    return readMap(connection, "--connection");
  const { storedConnections } = await import("../stored-connections.ts");
  const place = { ...(collectorConfig && { config: collectorConfig }), ...(dataDir && { dataDir }) };
  // What is opened here ends with the command, which logs nothing of its own.
  const source = storedConnections(place, () => undefined);
  try {
    return connectionSettings(spec, await source.settings(connection, connectionOwner(spec), connectionKind));
  } catch (error) {
    if (!isVedetteError(error) || error.code !== "connection.unknown") throw error;
    throw new UsageError(
      `${error.message} There is no file of this name either; "vedette connection list" lists connections.`,
      { cause: error },
    );
  }
}
