import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  commandOf,
  type HostedCommand,
  HostedPlugin,
  type JsonMap,
  ProcessTransport,
  readSpec,
} from "@vedette/core/plugins/icon";
import { recordingLogger } from "@vedette/sdk/testing";

const path = fileURLToPath(new URL("hostile", import.meta.url));

/** The hostile plugin with bounds that a test can wait for, and a folder to write into. */
export function hostileBench(over: Partial<HostedCommand> = {}) {
  const dir = mkdtempSync(join(tmpdir(), "vedette-hostile-"));
  const { spec } = readSpec(path);
  const command: HostedCommand = {
    ...commandOf(spec),
    timeoutSeconds: 20,
    maxOutputBytes: 1_000_000,
    ...over,
  };
  const log = recordingLogger();
  const transport = new ProcessTransport(command, log);
  const plugin = new HostedPlugin(spec, transport);
  const notes = join(dir, "notes");
  const stop = new AbortController();
  return {
    dir,
    command,
    log,
    transport,
    plugin,
    notes,
    stop,
    /** Lines that the plugin has written to its notes. */
    noted: (): string[] => {
      try {
        return readFileSync(notes, "utf8").split("\n").filter(Boolean);
      } catch {
        return [];
      }
    },
    act: (id: string, input: JsonMap = {}, connection: JsonMap = {}) =>
      plugin.run(
        { kind: "action", id, input: { text: "hello", path: notes, ...input }, connection },
        { signal: stop.signal },
      ),
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Whether a process still is there, and not as a zombie. */
export function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
