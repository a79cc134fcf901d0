import { createHmac } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fleet, run, until } from "@vedette/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "vedette-workflows-"));
const seen: { readonly url: string; readonly body: unknown }[] = [];
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (part) => {
    body += String(part);
  });
  request.on("end", () => {
    seen.push({ url: request.url!, body: JSON.parse(body) });
    response.end("{}");
  });
});
let fleet: Fleet;

const workflows = (port: number): string => `
- id: on-alert
  name: On an alert
  triggers: [{ type: alert, rules: ["*attack*"], minSeverity: low }]
  steps:
    - { id: Sure, type: approval, question: "Tell about {{[trigger].[name]}}?" }
    - id: Tell
      type: action
      action: http.request
      input: { method: POST, url: "http://127.0.0.1:${port}/alert", json: { rule: "{{[trigger].[name]}}", id: "{{[trigger].[id]}}" } }
- id: on-event
  name: On an event
  triggers: [{ type: event, dataTypes: [app*], where: 'contains("raw", "hello")' }]
  steps:
    - id: Tell
      type: action
      action: http.request
      input: { method: POST, url: "http://127.0.0.1:${port}/event", json: { raw: "{{[trigger].[raw]}}" } }
- id: on-hook
  name: On a web hook
  triggers: [{ type: webhook, secret: hook }]
  steps:
    - { id: Say, type: artifact, content: "{{[trigger].[word]}}" }
`;

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  mkdirSync(join(dir, "logs"), { recursive: true });
  const log = join(dir, "logs", "app.log");
  writeFileSync(log, "");
  writeFileSync(join(dir, "workflows.yaml"), workflows((server.address() as AddressInfo).port));
  writeFileSync(
    join(dir, "rules.yaml"),
    `name: An attack\ndataTypes: [app]\nimpact: { confidentiality: 2, integrity: 0, availability: 0 }\nwhere: 'contains("raw", "attack")'\n`,
  );
  fleet = await Fleet.create(dir, {
    inputs: [{ type: "file", dataType: "app", include: [log] }],
    agent: { batch: { seconds: 0.2 } },
    collector: {
      ...{ rules: ["rules.yaml"], builtinRules: false, egress: { allow: ["127.0.0.1"] } },
      respond: { workflows: ["workflows.yaml"] },
    },
  });
  const config = ["--config", join(dir, "vedette.yaml")];
  expect((await run(["secret", "set", "hook", ...config], { cwd: dir, input: "a-shared-secret" })).code).toBe(
    0,
  );
  fleet.start("collector");
  fleet.start("agent");
  await fleet.ready();
});

afterAll(() => {
  fleet?.destroy();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Job {
  readonly id: string;
  readonly workflow: string;
  readonly status: string;
  readonly startedBy: string;
}

const jobs = async (workflow: string): Promise<readonly Job[]> =>
  (await fleet.get<{ items: readonly Job[] }>(`/api/v1/jobs?workflow=${workflow}`)).items;
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${fleet.url}${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  });
const append = (line: string): void => appendFileSync(join(dir, "logs", "app.log"), `${line}\n`);

it("an alert starts a job, which asks first, survives a SIGKILL, and does its work once", async () => {
  append("an attack on port 22");
  await until("the job to ask", async () => (await jobs("on-alert"))[0]?.status === "waiting", {
    timeoutMs: 60_000,
  });
  await fleet.kill("collector");
  fleet.start("collector");
  await fleet.ready();
  const [job] = await jobs("on-alert");
  expect(job).toMatchObject({ startedBy: "alert An attack" });
  const path = `/api/v1/jobs/${job!.id}`;
  expect(await fleet.get(path)).toMatchObject({
    questions: [{ step: "Sure", question: "Tell about An attack?", options: ["approve", "deny"] }],
  });
  expect((await post(`${path}/answer`, { step: "Sure", answer: "maybe" })).status).toBe(409);
  expect((await post(`${path}/answer`, { step: "Sure", answer: "approve" })).status).toBe(202);
  await until("the job to be done", async () => (await jobs("on-alert"))[0]?.status === "succeeded");
  expect(seen.filter(({ url }) => url === "/alert")).toEqual([
    { url: "/alert", body: { rule: "An attack", id: expect.any(String) } },
  ]);
  expect(await jobs("on-alert")).toHaveLength(1);
});

it("an event starts a job where its filter holds", async () => {
  append("say hello to me");
  append("say nothing");
  await until("the job to be done", async () => (await jobs("on-event"))[0]?.status === "succeeded", {
    timeoutMs: 60_000,
  });
  expect(seen.filter(({ url }) => url === "/event").map(({ body }) => body)).toEqual([
    { raw: "say hello to me" },
  ]);
});

it("a web hook starts a job when it is signed", async () => {
  const body = { word: "open" };
  const signature = createHmac("sha256", "a-shared-secret").update(JSON.stringify(body)).digest("hex");
  const hook = "/hooks/workflows/on-hook";
  expect((await post(hook, body, { "x-vedette-signature": "sha256=00" })).status).toBe(403);
  expect((await post("/hooks/workflows/on-alert", body)).status).toBe(403);
  expect((await post(hook, body, { "x-vedette-signature": `sha256=${signature}` })).status).toBe(202);
  await until("the job to be done", async () => (await jobs("on-hook"))[0]?.status === "succeeded");
});

it("people start, cancel and repeat jobs by the API", async () => {
  const { items } = await fleet.get<{ items: { id: string }[] }>("/api/v1/workflows");
  expect(items.map(({ id }) => id)).toEqual(["on-alert", "on-event", "on-hook"]);
  const dry = await post("/api/v1/workflows/on-alert/run", { input: { name: "By hand" }, dryRun: true });
  const { job } = (await dry.json()) as { job: string };
  await until(
    "the dry run",
    async () => (await fleet.get<Job>(`/api/v1/jobs/${job}`)).status === "succeeded",
  );
  const real = (await (await post("/api/v1/workflows/on-alert/run", { input: { name: "x" } })).json()) as {
    job: string;
  };
  await until(
    "the job to ask",
    async () => (await fleet.get<Job>(`/api/v1/jobs/${real.job}`)).status === "waiting",
  );
  expect((await post(`/api/v1/jobs/${real.job}/cancel`, {})).status).toBe(202);
  await until(
    "the end",
    async () => (await fleet.get<Job>(`/api/v1/jobs/${real.job}`)).status === "cancelled",
  );
  const again = (await (await post(`/api/v1/jobs/${job}/rerun`, {})).json()) as { job: string };
  expect(await fleet.get(`/api/v1/jobs/${again.job}`)).toMatchObject({ rerunOf: job, dryRun: true });
  expect((await post("/api/v1/workflows/none/run", {})).status).toBe(404);
  expect((await post("/api/v1/jobs/none/cancel", {})).status).toBe(404);
});
