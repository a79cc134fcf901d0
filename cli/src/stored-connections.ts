import type { StoredConnections } from "@vedette/collector";
import { systemClock, VedetteError } from "@vedette/sdk";
import { collectorPlace } from "./state-dirs.ts";

/** Where the collector is whose connections are wanted. */
export interface ConnectionsPlace {
  readonly config?: string;
  readonly dataDir?: string;
}

type Source = Pick<StoredConnections, "settings">;

/**
 * Connections of the collector on this machine. Its database is opened when the first is asked for and stays open. `know`
 * is told each secret, so that it can be kept out of logs.
 */
export function storedConnections(place: ConnectionsPlace, know: (secret: unknown) => void): Source {
  let opened: Promise<StoredConnections | undefined> | undefined;
  const open = async (): Promise<StoredConnections | undefined> => {
    const { openStoredConnections } = await import("@vedette/collector");
    return openStoredConnections(collectorPlace(place), systemClock, know);
  };
  return {
    settings: async (name, owner, kind) => {
      opened ??= open();
      const stored = await opened.catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      if (stored) return stored.settings(name, owner, kind);
      opened = undefined;
      const message = `There is no connection "${name}": no collector has run here yet.`;
      throw new VedetteError("connection.unknown", message, { verdict: "drop" });
    },
  };
}
