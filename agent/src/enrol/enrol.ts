import { generateKeyPairSync } from "node:crypto";
import { chown, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { CallError, status } from "@vedette/core/grpc";
import { EnrolRequestSchema, enrolMethod, readToken } from "@vedette/proto/enrol";
import { type Clock, VedetteError } from "@vedette/sdk";
import { agentIdOf } from "../agent-id.ts";
import { pause } from "../pause.ts";
import { nodeDisk } from "../spool/index.ts";
import { ask } from "./ask.ts";
import { fetchAuthority } from "./authority.ts";
import { type Enrolment, enrolmentFile } from "./enrolment.ts";
import { enrolmentOf, keepEnrolment } from "./issued.ts";
import { writeRequest } from "./request.ts";

export interface EnrolOptions {
  /** `host:port` */
  readonly collector: string;
  readonly token: string;
  readonly stateDir: string;
  /** Default: as an agent with this folder calls itself. */
  readonly agentId?: string | undefined;
}

export interface EnrolDeps {
  readonly clock: Clock;
  readonly version: string;
  readonly signal: AbortSignal;
}

const timeoutMs = 20_000;
const attempts = 3;
const lost: ReadonlySet<number> = new Set([status.unavailable, status.deadlineExceeded]);

/**
 * Gets a certificate for this host with a token, and keeps it in the state folder. The token is sent only to a server whose certificate
 * is of the authority that the token names, and the key never leaves the host. Throws `config.invalid` for what is no token,
 * `transport.certificate` where the server is another one, `transport.refused` and `transport.unavailable`.
 */
export async function enrolHost(options: EnrolOptions, deps: EnrolDeps): Promise<Enrolment> {
  const { collector, stateDir } = options;
  const token = readToken(options.token.trim());
  if (!token)
    throw new VedetteError(
      "config.invalid",
      "That is no token, or not the whole of it; vedette agents token makes one.",
      {
        verdict: "stop",
      },
    );
  const authority = await fetchAuthority(collector, token.authority);
  await nodeDisk.makeDir(stateDir);
  const agentId = await agentIdOf(options.agentId, stateDir);
  const { privateKey: key } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { version, clock, signal } = deps;
  const request = create(EnrolRequestSchema, {
    ...{ tokenId: token.id, secret: token.secret, request: writeRequest(key) },
    ...{ agentId, host: hostname(), version },
  });
  const question = {
    ...{ address: collector, path: enrolMethod.path, tls: { ca: authority }, timeoutMs },
    userAgent: `vedette-agent/${version}`,
  };
  const answer = await insisting(
    () => ask(question, enrolMethod.requestSerialize(request), signal),
    collector,
    signal,
  );
  const told = { key, agentId, authority, collector };
  const enrolment = enrolmentOf(enrolMethod.responseDeserialize(answer), told, clock.now());
  await keepEnrolment(stateDir, enrolment);
  await giveToOwner(stateDir);
  return enrolment;
}

/** The same key with the same token takes no further use of it, so what may be lost is asked again. */
async function insisting(
  work: () => Promise<Buffer>,
  collector: string,
  signal: AbortSignal,
): Promise<Buffer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      const { code, details } = error.status;
      const isLost = lost.has(code) && !/certificate/.test(details);
      if (isLost && attempt < attempts && !signal.aborted) {
        await pause(1_000 * attempt, signal);
        continue;
      }
      const message = `The collector ${collector} ${isLost ? "cannot be reached" : "gave no certificate"}: ${details}`;
      const verdict = { verdict: isLost ? "retry" : "stop" } as const;
      const kind = isLost ? "transport.unavailable" : "transport.refused";
      throw new VedetteError(kind, message, verdict, { cause: error });
    }
  }
}

/** What root writes into the folder of an agent's user is that user's. */
async function giveToOwner(stateDir: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(stateDir);
  for (const file of [enrolmentFile(stateDir), join(stateDir, "agent-id")])
    await chown(file, uid, gid).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
}
