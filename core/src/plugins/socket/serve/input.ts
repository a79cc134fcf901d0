import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AckSchema, type Log, LogSchema } from "@vedette/proto/plugins";
import { Call } from "../../../grpc/index.ts";
import { maxTakenBytes, methods } from "../kinds.ts";
import type { ServeOptions } from "./serve.ts";

/** The way of an input plugin's logs to the host. */
export interface PluginInput {
  /** Sends a log. Resolves when the host has it on disk; rejects where the connection ends before. */
  send(log: Partial<Omit<Log, "$typeName" | "$unknown">> & { readonly id: string }): Promise<void>;
  /** Resolves with why the connection ended. A plugin then best ends too, and is started again. */
  readonly ended: Promise<string>;
  close(): void;
}

/** Opens a stream of logs to the host. What a source gives is best noted as taken after `send` has resolved. */
export function openInput({ workDir = process.env.WORK_DIR }: ServeOptions = {}): PluginInput {
  if (!workDir) throw new Error("A plugin needs a work folder: its host sets WORK_DIR.");
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const room: (() => void)[] = [];
  const options = {
    address: { path: join(workDir, "sockets", "engine_server.sock") },
    path: methods.input,
    maxMessageBytes: maxTakenBytes,
    userAgent: "vedette-socket-plugin",
    keepAliveMs: 60_000,
    keepAliveTimeoutMs: 20_000,
  };
  const fail = (why: string): void => {
    for (const { reject } of waiting.values()) reject(new Error(why));
    waiting.clear();
    for (const go of room.splice(0)) go();
    end(why);
  };
  const call = new Call(options, {
    message: (bytes) => {
      const { lastId } = fromBinary(AckSchema, bytes);
      waiting.get(lastId)?.resolve();
      waiting.delete(lastId);
    },
    drain: () => {
      for (const go of room.splice(0)) go();
    },
    ended: ({ details }) => fail(details || "The host ended the stream."),
  });
  return {
    ended,
    send: async (log) => {
      if (call.isFull) await new Promise<void>((resolve) => room.push(resolve));
      const known = waiting.get(log.id);
      const turn = known ?? Promise.withResolvers<void>();
      waiting.set(log.id, turn);
      call.write([toBinary(LogSchema, create(LogSchema, log))]);
      return turn.promise;
    },
    close: () => {
      call.cancel();
      fail("The plugin closed its stream.");
    },
  };
}
