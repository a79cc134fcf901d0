import { lchownSync, rmSync } from "node:fs";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AckSchema, type Log, LogSchema, type Message, MessageSchema } from "@vedette/proto/plugins";
import { type Logger, messageOf, VedetteError } from "@vedette/sdk";
import { type CallHandler, type GrpcServer, listenGrpc, type ServerCall } from "../../grpc/index.ts";
import { maxTakenBytes, methods } from "./kinds.ts";
import { requireShort } from "./work-dir.ts";

export type { Log as PluginLog } from "@vedette/proto/plugins";

/** Takes a log of an input plugin; `acknowledge` is called when it is safe. A promise is back-pressure. */
export type TakeLog = (log: Log, acknowledge: () => void) => void | Promise<void>;

export interface EngineDeps {
  readonly log: Logger;
  readonly take: (log: Log, acknowledge: () => void) => void | Promise<void>;
  readonly notify: (message: Message) => void;
  /** Counts bytes that were no message. */
  readonly malformed: () => void;
}

const maxStreams = 1_024;

/** Serves `plugins.Engine` on its socket, which is `user`'s where one is given. Throws `config.invalid` where the socket cannot be had. */
export async function serveEngine(path: string, deps: EngineDeps, user?: number): Promise<GrpcServer> {
  requireShort(path);
  rmSync(path, { force: true });
  const options = {
    at: { path },
    maxMessageBytes: maxTakenBytes,
    maxStreams,
    keepAliveMs: 60_000,
    keepAliveTimeoutMs: 20_000,
  };
  const serving = {
    [methods.input]: (call: ServerCall) => new InputStream(call, deps),
    [methods.engineNotify]: (call: ServerCall) => notifyStream(call, deps),
  };
  try {
    const server = await listenGrpc(options, serving);
    if (user !== undefined) lchownSync(path, user, user);
    return server;
  } catch (error) {
    const message = `The socket ${path} for plugins cannot be had: ${messageOf(error)}.`;
    throw new VedetteError("config.invalid", message, { verdict: "stop" }, { cause: error });
  }
}

const ackOf = (lastId: string): Uint8Array => toBinary(AckSchema, create(AckSchema, { lastId }));

/** One stream of logs, each acknowledged by its id. We never end it: the SDK takes that for the end of its work, and sends nothing ever after. */
export class InputStream implements CallHandler {
  readonly #call: ServerCall;
  readonly #deps: Pick<EngineDeps, "take" | "malformed">;
  #waits = 0;
  #isFull = false;
  #open = true;

  constructor(call: ServerCall, deps: Pick<EngineDeps, "take" | "malformed">) {
    this.#call = call;
    this.#deps = deps;
  }

  message(bytes: Buffer): void {
    let log: Log;
    try {
      log = fromBinary(LogSchema, bytes);
    } catch {
      this.#deps.malformed();
      return;
    }
    const wait = this.#deps.take(log, () => this.#acknowledge(log.id));
    if (!wait) return;
    this.#waits++;
    this.#call.pause();
    void wait.finally(() => {
      this.#waits--;
      this.#flow();
    });
  }

  drain(): void {
    this.#isFull = false;
    this.#flow();
  }

  end(): void {
    // The plugin sends no more; what it has sent is acknowledged all the same.
  }

  close(): void {
    this.#open = false;
  }

  #acknowledge(id: string): void {
    if (!this.#open) return;
    this.#call.write(ackOf(id));
    // One that reads no acknowledgements may not fill our memory with them.
    if (this.#call.isFull && !this.#isFull) {
      this.#isFull = true;
      this.#call.pause();
    }
  }

  #flow(): void {
    if (this.#open && this.#waits === 0 && !this.#isFull) this.#call.resume();
  }
}

function notifyStream(call: ServerCall, { notify, malformed }: EngineDeps): CallHandler {
  return {
    message: (bytes) => {
      try {
        const message = fromBinary(MessageSchema, bytes);
        notify(message);
        call.write(ackOf(message.id));
      } catch {
        malformed();
      }
      if (call.isFull) call.pause();
    },
    drain: () => call.resume(),
    end: () => undefined,
    close: () => undefined,
  };
}
