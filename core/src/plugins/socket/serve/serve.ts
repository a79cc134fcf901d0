import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import type { Value } from "@bufbuild/protobuf/wkt";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import {
  type Alert,
  AlertSchema,
  DraftSchema,
  type Event,
  EventSchema,
  type Message,
  MessageSchema,
  ParseLogsRequestSchema,
  TransformSchema,
} from "@vedette/proto/plugins";
import { messageOf } from "@vedette/sdk";
import {
  type CallHandler,
  type GrpcServer,
  listenGrpc,
  type Methods,
  type ServerCall,
  status,
} from "../../../grpc/index.ts";
import { maxTakenBytes, methods, type ServingKind, socketName } from "../kinds.ts";
import { WireWriter } from "../wire.ts";

export interface ServeOptions {
  /** Work folder of the host. Default: the environment's `WORK_DIR`. */
  readonly workDir?: string;
}

/** A plugin that serves its socket, until `stop` or a signal that asks the process to end. */
export interface ServedPlugin {
  readonly socket: string;
  stop(): Promise<void>;
}

/** A draft, changed or not. */
export type ParseOutcome = Record<string, unknown>;

/** An alert as far as its plugin makes it; the host fills the rest. */
export type NewAlert = Partial<Omit<Alert, "$typeName" | "$unknown">>;

/** What a step of a pipeline tells the plugin. */
type Params = Readonly<Record<string, unknown>>;

const encoder = { log: 1, error: 2, logs: 1 } as const;

/**
 * Serves a parsing plugin: `parse` gives the log as it is from now on; what it throws becomes an entry in the errors of the
 * event, and the log stays as it was. Hosts that can are served many logs in one call.
 */
export function serveParsing(
  name: string,
  parse: (log: Record<string, unknown>, params: Params) => ParseOutcome | Promise<ParseOutcome>,
  options?: ServeOptions,
): Promise<ServedPlugin> {
  return serve(name, "parsing", options, {
    [methods.parse]: unary(async (bytes) => {
      const { draft, step } = fromBinary(TransformSchema, bytes);
      const parsed = await parse(objectOf(draft?.log ?? ""), paramsOf(step?.dynamic?.params ?? {}));
      const { step: at = 0, pipeline = 0, errors = [] } = draft ?? {};
      const log = JSON.stringify(parsed);
      return toBinary(DraftSchema, create(DraftSchema, { log, step: at, pipeline, errors }));
    }),
    [methods.parseLogs]: unary(async (bytes) => {
      const { logs, params } = fromBinary(ParseLogsRequestSchema, bytes);
      const given = paramsOf(params);
      const writer = new WireWriter(bytes.length * 2 + 64);
      for (const log of logs) {
        const one = new WireWriter(log.length * 2 + 64);
        try {
          const parsed = parse(objectOf(log), given);
          one.text(encoder.log, JSON.stringify(parsed instanceof Promise ? await parsed : parsed));
        } catch (error) {
          one.text(encoder.error, messageOf(error));
        }
        writer.bytes(encoder.logs, one.done());
      }
      return writer.done();
    }),
  });
}

/** Serves an analysis plugin: `analyze` gives the alerts that an event is worth. */
export function serveAnalysis(
  name: string,
  analyze: (event: Event) => Iterable<NewAlert> | AsyncIterable<NewAlert>,
  options?: ServeOptions,
): Promise<ServedPlugin> {
  const accept = (call: ServerCall): CallHandler => ({
    ...quiet,
    message: (bytes) =>
      answer(call, async () => {
        for await (const alert of analyze(fromBinary(EventSchema, bytes)))
          call.write(toBinary(AlertSchema, create(AlertSchema, alert)));
      }),
  });
  return serve(name, "analysis", options, { [methods.analyze]: accept });
}

/** Serves a correlation plugin, which is given every alert. */
export const serveCorrelation = (
  name: string,
  correlate: (alert: Alert) => void | Promise<void>,
  options?: ServeOptions,
): Promise<ServedPlugin> =>
  serve(name, "correlation", options, {
    [methods.correlate]: unary(async (bytes) => {
      await correlate(fromBinary(AlertSchema, bytes));
      return empty;
    }),
  });

/** Serves a notification plugin, which is given every message. */
export const serveNotification = (
  name: string,
  notify: (message: Message) => void | Promise<void>,
  options?: ServeOptions,
): Promise<ServedPlugin> =>
  serve(name, "notification", options, {
    [methods.notify]: unary(async (bytes) => {
      await notify(fromBinary(MessageSchema, bytes));
      return empty;
    }),
  });

const quiet = {
  message: () => undefined,
  end: () => undefined,
  drain: () => undefined,
  close: () => undefined,
};
const empty = new Uint8Array(0);

function unary(work: (bytes: Buffer) => Promise<Uint8Array>): (call: ServerCall) => CallHandler {
  return (call) => ({
    ...quiet,
    message: (bytes) => answer(call, async () => call.write(await work(bytes))),
  });
}

function answer(call: ServerCall, work: () => Promise<void>): void {
  work().then(
    () => call.end(),
    (error: unknown) => call.end(status.unknown, messageOf(error)),
  );
}

async function serve(
  name: string,
  kind: ServingKind,
  { workDir = process.env.WORK_DIR }: ServeOptions = {},
  serving: Methods,
): Promise<ServedPlugin> {
  if (!workDir) throw new Error("A plugin needs a work folder: its host sets WORK_DIR.");
  const sockets = join(workDir, "sockets");
  mkdirSync(sockets, { recursive: true, mode: 0o700 });
  const socket = join(sockets, socketName(name, kind));
  rmSync(socket, { force: true });
  const server: GrpcServer = await listenGrpc(
    {
      at: { path: socket },
      maxMessageBytes: maxTakenBytes,
      maxStreams: 4_096,
      keepAliveMs: 60_000,
      keepAliveTimeoutMs: 20_000,
    },
    serving,
  );
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= server.stop(1_000).then(() => rmSync(socket, { force: true }));
    served.delete(stop);
    if (served.size === 0) for (const signal of signals) process.off(signal, leave);
    return stopping;
  };
  if (served.size === 0) for (const signal of signals) process.on(signal, leave);
  served.add(stop);
  return { socket, stop };
}

const signals = ["SIGINT", "SIGTERM"] as const;
/** What is served in this process; a signal ends all of it, and then the process. */
const served = new Set<() => Promise<void>>();
const leave = (): void => void Promise.all([...served].map((stop) => stop())).then(() => process.exit(0));

function objectOf(json: string): Record<string, unknown> {
  const value: unknown = JSON.parse(json);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error("The log is no object.");
  return value as Record<string, unknown>;
}

const paramsOf = (params: Readonly<Record<string, Value>>): Params =>
  Object.fromEntries(Object.entries(params).map(([key, value]) => [key, toJson(ValueSchema, value)]));
