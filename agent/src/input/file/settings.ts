import type { Clock, Logger } from "@vedette/sdk";
import type { AgentMetrics } from "../../metrics.ts";
import type { FileRegistry } from "./registry.ts";

/** Which lines make one event, and how long it may become. One of `preset`, `start`, `continuation` and `end` is given. */
export interface MultilineSettings {
  readonly preset?: "java" | "python" | "go" | "indented" | "cri" | "docker" | undefined;
  readonly start?: string | undefined;
  readonly continuation?: string | undefined;
  readonly end?: string | undefined;
  readonly negate: boolean;
  readonly maxLines: number;
  readonly maxBytes: number;
  /** An event to which no line has come for so long is handed on. */
  readonly timeoutMs: number;
}

/** What a file input is told by its configuration. */
export interface FileInputSettings {
  /** Where relative patterns start. */
  readonly baseDir: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly dataType: string;
  readonly dataSource: string;
  readonly startAt: "beginning" | "end";
  readonly maxLineBytes: number;
  /** Bytes of one file per turn. */
  readonly chunkBytes: number;
  readonly pollMs: number;
  /** Longest time between two looks at a file that does not change. */
  readonly idlePollMs: number;
  /** How long a renamed or deleted file is kept open after its last growth. */
  readonly closeAfterMs: number;
  readonly maxFiles: number;
  /** Files that are held open; those beyond that were quiet for longest are closed until they change. */
  readonly maxOpenFiles: number;
  readonly multiline?: MultilineSettings | undefined;
  /** Which compressed files are read; see the configuration. */
  readonly compressed: "rotated" | "all" | "off";
}

/** What a file input needs of the agent around it. */
export interface FileInputDeps {
  readonly agentId: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly registry: FileRegistry;
  readonly metrics: AgentMetrics;
}
