import { existsSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join, resolve } from "node:path";
import { controlSocket } from "@vedette/agent";
import { loadAgentConfig } from "../agent-config-file.ts";
import { defaultDataDir } from "../data-dir.ts";
import { UsageError } from "../exit.ts";

export interface AgentPlace {
  readonly config?: string;
  readonly stateDir?: string;
}

/** The control socket of an agent on this host: of a state folder, of a configuration, or of `vedette up` here. */
export function agentSocket({ config, stateDir }: AgentPlace): string {
  if (stateDir !== undefined) return join(resolve(stateDir), controlSocket);
  const loaded = loadAgentConfig(config);
  const own = resolve(loaded.baseDir, loaded.config.agent.stateDir, controlSocket);
  return loaded.file === undefined && !existsSync(own)
    ? resolve(defaultDataDir, "agent", controlSocket)
    : own;
}

/** Asks an agent. The answer is a stream; a refusal becomes an error with the agent's own words. */
export async function askAgent(
  socketPath: string,
  method: "GET" | "POST",
  path: string,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const response = await new Promise<IncomingMessage>((done, fail) => {
    const call = request({ socketPath, method, path, ...(signal ? { signal } : {}) }, done);
    call.on("error", (error: NodeJS.ErrnoException) => {
      if (signal?.aborted) fail(error);
      else fail(new Error(unreachable(socketPath, error.code), { cause: error }));
    });
    call.end();
  });
  if (response.statusCode === 200) return response;
  const text = await textOf(response);
  let said = text.trim();
  try {
    said = (JSON.parse(text) as { error?: string }).error ?? said;
  } catch {
    // Not JSON: as it came.
  }
  throw response.statusCode === 400 || response.statusCode === 422 ? new UsageError(said) : new Error(said);
}

export async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function unreachable(path: string, code: string | undefined): string {
  if (code === "EACCES" || code === "EPERM")
    return `The agent's socket ${path} belongs to another user; run this as the user of the agent.`;
  return `No agent answers at ${path}. Name its configuration with --config or its state folder with --state-dir.`;
}
