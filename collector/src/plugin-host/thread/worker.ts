import { parentPort, workerData } from "node:worker_threads";
import { loadPlugin } from "@vedette/core/plugin-folders";
import { type AnyConnectionType, type AnyPlugin, createEgress, systemClock } from "@vedette/sdk";
import {
  type Asked,
  contextMark,
  errorOf,
  type FromThread,
  type Level,
  type ThreadStart,
  type ToThread,
  thrownOf,
} from "./protocol.ts";

/** Runs the hooks of one plugin in a thread of its own. What it needs of the collector it asks for by messages. */
const { place, allow } = workerData as ThreadStart;
const port = parentPort!;
const egress = createEgress({ allow: [...allow] });
const loaded = loadPlugin(place);
// Whoever calls hears of it.
loaded.catch(() => undefined);

/** Asked for and not answered yet; a plugin that waits for nothing must not fill our memory with what it asks for. */
const maxAsked = 64;
/** Items of a list that a hook gives. */
const maxItems = 100_000;
const emitAtOnce = 200;
const logLinesPerSecond = 200;
/** Another call may still have the client that was replaced. */
const closeAfterMs = 60_000;

const running = new Map<number, AbortController>();
const asked = new Map<number, PromiseWithResolvers<unknown>>();
let asks = 0;
const post = (message: FromThread): void => port.postMessage(message);

function ask(call: number, what: Asked, args: readonly unknown[]): Promise<unknown> {
  if (asked.size >= maxAsked)
    return Promise.reject(new Error(`More than ${maxAsked} calls of the context at a time; wait for them.`));
  const answer = Promise.withResolvers<unknown>();
  post({ ask: ++asks, call, what, args });
  asked.set(asks, answer);
  return answer.promise;
}

let second = 0;
let lines = 0;
function log(call: number, level: Level, fields: object, message: string): void {
  const now = Math.floor(Date.now() / 1_000);
  if (now !== second) {
    if (lines > logLinesPerSecond)
      post({
        ...{ tell: "log", call, level: "warn", fields: { lines: lines - logLinesPerSecond } },
        message: "A plugin wrote too many lines into the log; these were left out.",
      });
    second = now;
    lines = 0;
  }
  if (++lines > logLinesPerSecond) return;
  try {
    post({ tell: "log", call, level, fields, message });
  } catch {
    post({ tell: "log", call, level, fields: { unreadable: true }, message });
  }
}

interface Opened {
  readonly type: AnyConnectionType;
  readonly settings: string;
  readonly client: Promise<unknown>;
}
const clients = new Map<string, Opened>();
const maxClients = 100;

/** The client of a connection for its settings: made once, and anew when they change. */
function clientOf(type: AnyConnectionType, name: string, settings: unknown, deps: object): Promise<unknown> {
  if (!type.open) return Promise.resolve(settings);
  const text = JSON.stringify(settings);
  const known = clients.get(name);
  if (known?.settings === text) return known.client;
  const [oldest] = known || clients.size < maxClients ? [name] : clients.keys();
  const replaced = clients.get(oldest!);
  if (replaced) setTimeout(() => void close(replaced), closeAfterMs).unref();
  clients.delete(oldest!);
  const client = Promise.resolve().then(() => type.open!(settings, deps as never));
  clients.set(name, { type, settings: text, client });
  client.catch(() => clients.delete(name));
  return client;
}

const close = ({ type, client }: Opened): Promise<unknown> =>
  client.then((opened) => type.close?.(opened)).catch(() => undefined);

function contextOf(plugin: AnyPlugin, call: number, settings: unknown, signal: AbortSignal): object {
  const write = (level: Level) => (fields: object, message: string) => log(call, level, fields, message);
  const deps = {
    ...{ clock: systemClock, egress, signal },
    log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") },
  };
  return {
    ...{ ...deps, settings },
    state: {
      get: (key: string) => ask(call, "state.get", [key]),
      set: (key: string, value: unknown) => ask(call, "state.set", [key, value]),
      delete: (key: string) => ask(call, "state.delete", [key]),
    },
    emit: (...events: readonly unknown[]) => ask(call, "emit", events),
    backlog: (left: unknown) => post({ tell: "backlog", call, left }),
    exportAsset: (asset: unknown) => ask(call, "exportAsset", [asset]),
    assets: {
      list: () => ask(call, "assets.list", []),
      released: (releases: unknown) => ask(call, "assets.released", [releases]),
    },
    connection: async (type: AnyConnectionType, name: string) => {
      const [kind] = Object.entries(plugin.connections ?? {}).find(([, each]) => each === type) ?? [];
      if (kind === undefined) throw new Error(`"${type.title}" is no connection of this plugin.`);
      return clientOf(type, `${kind}\n${name}`, await ask(call, "connection", [kind, name]), deps);
    },
  };
}

interface Called {
  readonly path: readonly string[];
  readonly args: unknown[];
  readonly emit: (events: readonly unknown[]) => Promise<unknown>;
  readonly signal: AbortSignal;
}

/** Calls a function of the plugin, and reads what it gives to its end. */
async function run(plugin: AnyPlugin, { path, args, emit, signal }: Called): Promise<unknown> {
  const owner = path.slice(0, -1).reduce<unknown>((node, key) => (node as never)[key], plugin);
  const given: unknown = await (owner as Record<string, (...all: unknown[]) => unknown>)[path.at(-1)!]!(
    ...args,
  );
  if (path[0] === "collect") {
    let waiting: unknown[] = [];
    for await (const event of given as AsyncIterable<unknown>) {
      signal.throwIfAborted();
      waiting.push(event);
      if (waiting.length < emitAtOnce) continue;
      await emit(waiting);
      waiting = [];
    }
    if (waiting.length > 0) await emit(waiting);
    return [];
  }
  if (typeof given !== "object" || given === null) return given;
  if (!(Symbol.iterator in given || Symbol.asyncIterator in given)) return given;
  const items: unknown[] = [];
  for await (const item of given as AsyncIterable<unknown>) {
    signal.throwIfAborted();
    if (items.push(item) > maxItems) throw new Error(`It gave more than ${maxItems} items.`);
  }
  return items;
}

async function called({ call, path, args, settings }: Extract<ToThread, { call: number }>): Promise<void> {
  const ending = new AbortController();
  running.set(call, ending);
  try {
    const plugin = await loaded;
    const context = contextOf(plugin, call, settings, ending.signal);
    const filled = args.map((arg) => (arg === contextMark ? context : arg));
    const [, channels, kind = ""] = path;
    const type = plugin.connections?.[kind];
    // A channel is given settings without a name: each are a client of their own.
    if (channels === "channels" && type)
      filled[1] = await clientOf(type, `${kind}\n\n${JSON.stringify(filled[1])}`, filled[1], context);
    const { signal } = ending;
    const emit = (events: readonly unknown[]) => ask(call, "emit", events);
    const value = await run(plugin, { path, args: filled, emit, signal });
    post({ done: call, value });
  } catch (error) {
    // What cannot be copied is told like what was thrown.
    post({ done: call, error: thrownOf(error) });
  } finally {
    running.delete(call);
  }
}

port.on("message", (message: ToThread) => {
  if ("call" in message) void called(message);
  else if ("abort" in message) running.get(message.abort)?.abort();
  else {
    const waiting = asked.get(message.answer);
    asked.delete(message.answer);
    if ("error" in message) waiting?.reject(errorOf(message.error));
    else waiting?.resolve(message.value);
  }
});
