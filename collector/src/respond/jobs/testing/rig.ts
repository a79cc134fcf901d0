import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEgress, type Logger, systemClock } from "@vedette/sdk";
import { openControlDatabase, openSecretBox } from "../../../control/index.ts";
import { type ActionRunner, criticalRefused, httpRunner, joinRunners } from "../../actions/index.ts";
import type { Value } from "../../expression/index.ts";
import { parseWorkflows } from "../../library/index.ts";
import type { Workflow } from "../../workflow/index.ts";
import { JobStore, JobWorker, type NewJob } from "../index.ts";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A request that the server saw. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly key: string | undefined;
  readonly body: string;
}

type Answer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  | "hang"
  | "reset";

/** A server on loopback that counts what it is asked, and answers as the test says; 200 and `{}` else. */
export async function countingServer(
  answer: (seen: Seen, count: number) => Answer = () => ({ status: 200 }),
) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method = "", url = "" } = request;
      const key = request.headers["idempotency-key"];
      const one = { method, url, key: typeof key === "string" ? key : undefined, body };
      seen.push(one);
      const said = answer(one, seen.filter((each) => each.url === url).length);
      if (said === "hang") return;
      if (said === "reset") {
        request.socket.destroy();
        return;
      }
      response.writeHead(said.status, { "content-type": "application/json", ...said.headers });
      response.end(JSON.stringify(said.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    seen,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const part of request) body += String(part);
  return body;
}

/** A control database, a worker and a clock that a test moves. */
export async function rig(
  options: { readonly runners?: readonly ActionRunner[]; readonly redact?: (text: string) => string } = {},
) {
  const dir = mkdtempSync(join(tmpdir(), "vedette-jobs-"));
  const target = { kind: "sqlite", dir } as const;
  const database = await openControlDatabase(target);
  let ahead = 0;
  const clock = { now: () => systemClock.now() + ahead };
  const store = new JobStore(database, clock);
  const actions = joinRunners([
    httpRunner(createEgress({ allow: ["127.0.0.0/8"] })),
    ...(options.runners ?? []),
  ]);
  const newWorker = () =>
    new JobWorker({
      ...{
        database,
        box: openSecretBox(target, {}),
        redact: options.redact ?? ((text) => text),
        store,
        actions,
      },
      ...{ guards: criticalRefused, clock, log: silent, everyMs: 20, alone: true, random: () => 1 },
    });
  let worker = newWorker();
  worker.start();
  const start = async (
    workflow: Workflow | string,
    input: Value = {},
    more: Partial<NewJob> = {},
  ): Promise<string> => {
    const made = typeof workflow === "string" ? workflowOf(workflow) : workflow;
    return (await store.create({ workflow: made, others: [], input, startedBy: "test", ...more })).id;
  };
  return {
    ...{ database, store, clock, start },
    /** Moves the clock and looks for what can go on. */
    ahead: (ms: number) => {
      ahead += ms;
      worker.wake();
    },
    restart: async () => {
      await worker.stop();
      worker = newWorker();
      worker.start();
    },
    /** Waits until a job has one of these states. */
    until: async (id: string, ...wanted: string[]) => {
      const states = wanted.length > 0 ? wanted : ["succeeded", "failed", "cancelled", "uncertain"];
      for (const end = Date.now() + 60_000; Date.now() < end; ) {
        const job = await store.get(id);
        if (job && states.includes(job.status)) return job;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error(
        `The job is ${(await store.get(id))?.status}: ${JSON.stringify(await store.steps(id))}`,
      );
    },
    outputs: async (id: string): Promise<Record<string, unknown>> =>
      Object.fromEntries(
        (await store.steps(id)).map(({ key, output, state, error }) => [
          key,
          output === null ? (error ?? state) : (JSON.parse(output) as unknown),
        ]),
      ),
    close: async () => {
      await worker.stop(0);
      await database.destroy();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A workflow from its steps in YAML. */
export function workflowOf(steps: string, more = ""): Workflow {
  const text = steps.startsWith("id:") ? steps : `id: test\nname: Test\n${more}steps:\n${steps}`;
  const { workflows, problems } = parseWorkflows(text);
  const wrong = problems.filter(({ severity }) => severity !== "warning");
  if (wrong.length > 0) throw new Error(JSON.stringify(wrong));
  return workflows[0]!.workflow;
}
