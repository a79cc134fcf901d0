import { chmod, unlink } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { CelError, compileCel } from "@vedette/core/pipeline";
import type { Telemetry } from "@vedette/core/telemetry";
import { type Logger, messageOf } from "@vedette/sdk";
import { type Tap, type TapHub, type TapOptions, tapPoints } from "./tap.ts";

/** The name of the socket in an agent's state folder. */
export const controlSocket = "control.sock";

/** Linux keeps 108 bytes for the path of a socket, the closing zero included. */
const maxPathBytes = 107;

export interface ControlDeps {
  readonly telemetry: Telemetry;
  readonly taps: TapHub;
  readonly log: Logger;
  /** What the agent says of itself, as JSON. */
  status(): object;
  /** Takes the configuration over again and says what changed. Throws where it is wrong; everything then stays as it was. */
  reload(): Promise<object>;
}

export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Answers `vedette top` and `vedette tap` on a Unix socket that only the agent's own user can open:
 * `GET /metrics`, `GET /status`, `GET /tap` (one JSON object a line until the reader leaves), `POST /reload`.
 * Without it the agent does its work all the same, so a path that is too long is a warning.
 */
export async function serveControl(path: string, deps: ControlDeps): Promise<ControlServer | undefined> {
  const { log } = deps;
  if (Buffer.byteLength(path) > maxPathBytes) {
    log.warn({ path }, "The path of the control socket is too long; top, tap and reload by command are off.");
    return undefined;
  }
  const ending = new AbortController();
  const server = createServer((request, response) => {
    answer(request, response, deps, ending.signal).catch((error: unknown) => {
      if (!response.headersSent) reply(response, 500, { error: messageOf(error) });
      else response.destroy();
    });
  });
  server.maxConnections = 32;
  // A socket left by a killed process; the state folder's lock says that no other one is alive.
  await unlink(path).catch(() => undefined);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    await chmod(path, 0o600);
  } catch (error) {
    log.warn({ error, path }, "The control socket cannot be opened; top, tap and reload by command are off.");
    server.close();
    return undefined;
  }
  return {
    close: () =>
      new Promise((resolve) => {
        ending.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  deps: ControlDeps,
  ending: AbortSignal,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://agent");
  switch (`${request.method} ${pathname}`) {
    case "GET /metrics":
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
      response.end(deps.telemetry.render());
      return;
    case "GET /status":
      reply(response, 200, deps.status());
      return;
    case "POST /reload":
      try {
        reply(response, 200, await deps.reload());
      } catch (error) {
        reply(response, 422, { error: messageOf(error) });
      }
      return;
    case "GET /tap": {
      const options = tapOptions(searchParams);
      const tap = "error" in options ? undefined : deps.taps.open(options);
      if ("error" in options) reply(response, 400, options);
      else if (!tap) reply(response, 429, { error: "Too many taps are open; close one." });
      else await stream(tap, response, deps.taps, ending);
      return;
    }
    default:
      reply(response, 404, { error: `There is no ${request.method} ${pathname} here.` });
  }
}

function tapOptions(query: URLSearchParams): TapOptions | { readonly error: string } {
  const point = tapPoints.find((each) => each === (query.get("point") ?? "events"));
  if (!point) return { error: `Unknown point. There are ${tapPoints.join(", ")}.` };
  const sample = Number(query.get("sample") ?? 1);
  if (!Number.isInteger(sample) || sample < 1) return { error: "sample must be a whole number from 1." };
  const dataType = query.get("dataType") ?? undefined;
  const text = query.get("filter") ?? "";
  try {
    const filter = text === "" ? undefined : compileCel(text);
    return { point, sample, ...(dataType === undefined ? {} : { dataType }), ...(filter ? { filter } : {}) };
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return { error: `The filter is wrong: ${error.message}` };
  }
}

/** Writes lines as fast as the reader takes them; what it was too slow for is told in a line of its own. */
async function stream(tap: Tap, response: ServerResponse, taps: TapHub, ending: AbortSignal): Promise<void> {
  const left = new AbortController();
  response.once("close", () => left.abort());
  const signal = AbortSignal.any([left.signal, ending]);
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  response.flushHeaders();
  let told = 0;
  try {
    while (!signal.aborted) {
      const lines = await tap.take(signal);
      if (lines.length === 0) continue;
      const note = tap.missed > told ? `${JSON.stringify({ missed: tap.missed - told })}\n` : "";
      told = tap.missed;
      if (!response.write(`${lines.join("\n")}\n${note}`)) await drained(response, signal);
    }
  } finally {
    taps.close(tap);
    response.end();
  }
}

const drained = (response: ServerResponse, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    response.on("drain", done);
    signal.addEventListener("abort", done);
  });

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
}
