import { hash, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Clock, type Logger, messageOf, parseAddress, VedetteError } from "@vedette/sdk";
import {
  type CallHandler,
  type GrpcServer,
  listenGrpc,
  type ServerCall,
  type ServerTls,
  status,
} from "../../grpc/index.ts";
import { rateLimited } from "../../telemetry/index.ts";
import type { IntegrationConfig } from "./config.ts";
import { type EngineDeps, InputStream } from "./engine.ts";
import { maxTakenBytes, methods } from "./kinds.ts";

interface IntegrationDeps extends Pick<EngineDeps, "take" | "malformed"> {
  readonly log: Logger;
  readonly clock: Clock;
  /** Relative paths start here. */
  readonly baseDir: string;
}

const [maxConnections, maxStreams] = [1_024, 64];
const readAgainMs = 60_000;
/** grpc.health.v1.HealthCheckResponse with the status SERVING. */
const serving = Uint8Array.of(8, 1);

/**
 * Serves `plugins.Integration` for agents and collectors of the EventProcessor, over TLS 1.3: who is not known is refused with
 * UNAUTHENTICATED. Beside it the health service that its own server has. A certificate that was renewed is used a minute later.
 * Throws `config.invalid`.
 */
export async function serveIntegration(
  config: IntegrationConfig,
  deps: IntegrationDeps,
): Promise<GrpcServer> {
  const { log, clock } = deps;
  const knows = knowsOf(config);
  const refuse = rateLimited((fields, message) => log.warn(fields, message), 60_000, clock.now);
  const processLog = (call: ServerCall): CallHandler => {
    if (knows((name) => call.metadata(name))) return endingStream(call, deps);
    refuse(
      { id: call.metadata("id").slice(0, 100) },
      "An agent that brings logs is not known, and was refused.",
    );
    call.end(status.unauthenticated, "The key is not known here.");
    return silent;
  };
  const health = (call: ServerCall): CallHandler => ({
    ...silent,
    end: () => {
      call.write(serving);
      call.end();
    },
  });
  try {
    let tls = await tlsOf(config, deps.baseDir);
    const server = await listenGrpc(
      {
        ...{
          at: parseAddress(config.listen),
          maxMessageBytes: maxTakenBytes,
          maxStreams,
          maxConnections,
          tls,
        },
        ...{ keepAliveMs: 60_000, keepAliveTimeoutMs: 20_000 },
      },
      { [methods.processLog]: processLog, "/grpc.health.v1.Health/Check": health },
    );
    const renew = async (): Promise<void> => {
      const now = await tlsOf(config, deps.baseDir);
      if (now.cert.equals(tls.cert) && now.key.equals(tls.key)) return;
      server.renew(now);
      tls = now;
      log.info({ file: config.certFile }, "A renewed certificate is used for agents that bring logs.");
    };
    const timer = setInterval(() => {
      renew().catch((error: unknown) =>
        log.error(
          { error, file: config.certFile },
          "The certificate cannot be read anew; the old one stays.",
        ),
      );
    }, readAgainMs).unref();
    return {
      ...server,
      stop: (graceMs) => {
        clearInterval(timer);
        return server.stop(graceMs);
      },
    };
  } catch (error) {
    const message = `socketPlugins.integration cannot be served at ${config.listen}: ${messageOf(error)}`;
    throw new VedetteError("config.invalid", message, { verdict: "stop" }, { cause: error });
  }
}

/** A stream that ends when its client has ended it and all of its logs are acknowledged. */
function endingStream(call: ServerCall, { take, malformed }: IntegrationDeps): CallHandler {
  let [unsafe, isEnded] = [0, false];
  const settle = (): void => {
    if (isEnded && unsafe === 0) call.end();
  };
  const stream = new InputStream(call, {
    malformed,
    take: (log, acknowledge) => {
      unsafe++;
      return take(log, () => {
        acknowledge();
        unsafe--;
        settle();
      });
    },
  });
  return {
    message: (bytes) => stream.message(bytes),
    drain: () => stream.drain(),
    close: () => stream.close(),
    end: () => {
      isEnded = true;
      settle();
    },
  };
}

const silent: CallHandler = {
  message: () => undefined,
  end: () => undefined,
  drain: () => undefined,
  close: () => undefined,
};

async function tlsOf({ certFile, keyFile }: IntegrationConfig, baseDir: string): Promise<ServerTls> {
  const [cert, key] = await Promise.all([certFile, keyFile].map((file) => readFile(resolve(baseDir, file))));
  return { cert: cert!, key: key!, minVersion: "TLSv1.3" };
}

/** Whether the metadata of a call names one of the keys: an agent's with its id, or one that many share. */
function knowsOf({ agents, connectionKeys, internalKeys }: IntegrationConfig) {
  const digest = (text: string): Buffer => hash("sha256", text, "buffer");
  const among = (texts: readonly string[]) => {
    const digests = texts.map(digest);
    // All are compared, so that the time says nothing of which was near.
    return (given: string): boolean =>
      given !== "" && digests.map((each) => timingSafeEqual(each, digest(given))).includes(true);
  };
  const isConnection = among(connectionKeys);
  const isInternal = among(internalKeys);
  return (metadata: (name: string) => string): boolean => {
    const key = Object.hasOwn(agents, metadata("id")) ? agents[metadata("id")] : undefined;
    if (key !== undefined && among([key])(metadata("key"))) return true;
    return isConnection(metadata("connection-key")) || isInternal(metadata("internal-key"));
  };
}
