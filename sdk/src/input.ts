import type { z } from "zod";
import type { Deps, Health } from "./deps.ts";

/** Where a log lies in its source. `end` is the offset just past it: the place to resume after it. */
export interface Position {
  /**
   * Identity of the source, stable across restarts and rotation: a file's fingerprint, or `<inputId>/<part>` such as a
   * partition or a container. At most 200 characters. All logs of a source have one data type, because the batches of
   * two types become durable independently.
   */
  readonly source: string;
  /** Grows with every log of the source: a byte offset, a Kafka offset, or a number continued from the checkpoint. */
  readonly offset: number;
  readonly end: number;
  /** The source's own word for the place behind this log, printable ASCII, at most 1 KiB. */
  readonly cursor?: string;
}

/** How far a source is in the spool or shipped: the truth after a crash. */
export interface Checkpoint {
  readonly end: number;
  readonly cursor?: string;
}

/** One log as an input hands it over. */
export interface InputLog {
  readonly id: string;
  readonly dataType: string;
  readonly dataSource: string;
  /** Time of read, milliseconds since 1970. */
  readonly time: number;
  readonly raw: string;
  /** Whose log it is. Default: the default tenant's. */
  readonly tenantId?: string;
  readonly position: Position;
  /** Set when `raw` was cut at the line limit or holds replaced bytes; becomes an entry of `errors`. */
  readonly flaw?: string;
  /**
   * What the input itself knows of the log, such as its sender; becomes `log.input.<name>` after the pipeline has run, so
   * that no text of the log can pose as it. Few, short, and the same object for many logs where that is possible.
   */
  readonly facts?: Readonly<Record<string, string>>;
}

/** Where an input puts its logs. */
export interface InputSink {
  /** A returned promise is back-pressure: take no more from the source until it resolves. */
  push(log: InputLog): void | Promise<void>;
  /** Asks for the logs of a data type pushed so far to be durable within this time; somebody waits for it. */
  hasten?(dataType: string, withinMs: number): void;
}

/** A running input. */
export interface Input {
  /**
   * Reads until the signal of its deps aborts, pushes what it has taken, then returns. Called once. Throwing, or
   * returning before that, is a failure: the input is closed, and opened again after a while.
   */
  run(sink: InputSink): Promise<void>;
  /** Called after the batch that holds everything up to this position is on disk. Only now may a checkpoint move. */
  durable(position: Position): void | Promise<void>;
  health?(): Health;
  /**
   * Called once after `run` has ended and what it pushed is durable, or never will be. Senders that wait for an answer
   * get it here at the latest. Must return within a second.
   */
  close?(): Promise<void>;
}

/** What the agent gives an input. */
export interface InputDeps extends Deps {
  /** Stable across restarts: the configured `id`, or made from type and settings. The sources of an input begin with it. */
  readonly inputId: string;
  readonly agentId: string;
  readonly dataType: string;
  /** What the configuration says, or this host's name. */
  readonly dataSource: string;
  /** True where the configuration says it, so that the input must not replace it by what it sees. */
  readonly dataSourceIsSet: boolean;
  /** Where relative paths of the configuration start. */
  readonly baseDir: string;
  /** The input's own folder, mode 0700, made when it is first asked for. */
  readonly stateDir: string;
  /**
   * The settings of a stored connection, secrets and all; `owner` and `kind` say what it must be of. Undefined where this
   * agent runs beside no collector. Throws `connection.unknown` and `secret.unreadable`.
   */
  connection?(name: string, owner: string, kind: string): Promise<unknown>;
  /**
   * Gives what confines the program of a plugin of this name, for the part of the engine that starts it; undefined where
   * nothing does. Throws where that cannot be held.
   */
  confine?(name: string): unknown;
  /** How far a source is in the spool or shipped; undefined where nothing is known of it. */
  checkpoint(source: string): Checkpoint | undefined;
  /** Drops the checkpoint of a source that will never be read again. */
  forget(source: string): void;
  /** Counts logs that were lost, by a reason of a small fixed set. */
  dropped(reason: string, count: number): void;
  /** Counts an attempt that failed, by a reason of a small fixed set. */
  failed(reason: string): void;
  /** Counts a log that was cut or repaired, by kind: `cut` or `not_utf8`. */
  flawed(kind: string): void;
}

/** Reads logs on a host. Listed by the plugin's id as `type` of `agent.inputs`. */
export interface InputCapability<Settings> {
  /**
   * A strict object; the agent adds `type`, `id`, `dataType` and `dataSource`, which are therefore taken. Checking it does
   * no I/O.
   */
  readonly settings: z.ZodType<Settings>;
  /** What among the settings names the source, so that other settings may change and its place be kept. Default: all. */
  identity?(settings: Settings): unknown;
  /** Data types besides `dataType` that the logs may have. */
  dataTypes?(settings: Settings): readonly string[];
  /** Opens the source. May fail, and is then called again after a while. Load what is heavy in here. */
  open(settings: Settings, deps: InputDeps): Promise<Input>;
}
