import { createHmac } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fleet, run, until } from "@vedette/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "vedette-workflows-"));
const seen: { readonly url: string; readonly body: unknown; readonly key: string }[] = [];
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (part) => {
    body += String(part);
  });
  request.on("end", () => {
    const key = String(request.headers["idempotency-key"]);
    seen.push({ url: request.url!, body: JSON.parse(body), key });
    response.end("{}");
  });
});
let fleet: Fleet;

const workflows = (port: number): string => `
- id: on-alert
  name: On an alert
  triggers: [{ type: alert, rules: ["*attack*"], minSeverity: low }]
  steps:
    - { id: Sure, type: approval, question: "Tell about {{[trigger].[name]}}?", notify: [people] }
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
- id: on-incident
  name: On an incident
  triggers: [{ type: incident, rules: ["an attack"], minSeverity: low }]
  steps:
    - { id: Say, type: artifact, content: "{{[trigger].[alerts]}} of {{[trigger].[title]}}" }
- id: on-plugin
  name: On a row of a plugin
  triggers: [{ type: plugin, dataTypes: [row*] }]
  steps:
    - { id: Say, type: artifact, content: "{{[trigger].[word]}}" }
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
  const rows = join(dir, "logs", "rows.log");
  for (const file of [log, rows]) writeFileSync(file, "");
  writeFileSync(join(dir, "workflows.yaml"), workflows((server.address() as AddressInfo).port));
  writeFileSync(
    join(dir, "rules.yaml"),
    `name: An attack\ndataTypes: [app]\nimpact: { confidentiality: 2, integrity: 0, availability: 0 }\nwhere: 'contains("raw", "attack")'\n`,
  );
  fleet = await Fleet.create(dir, {
    inputs: [
      { type: "file", dataType: "app", include: [log] },
      { type: "file", dataType: "rows", include: [rows] },
    ],
    agent: { batch: { seconds: 0.2 } },
    collector: {
      ...{ rules: ["rules.yaml"], builtinRules: false, egress: { allow: ["127.0.0.1"] } },
      respond: { workflows: ["workflows.yaml"], questions: { channels: ["people", "nobody"] } },
    },
  });
  const config = ["--config", join(dir, "vedette.yaml")];
  expect((await run(["secret", "set", "hook", ...config], { cwd: dir, input: "a-shared-secret" })).code).toBe(
    0,
  );
  fleet.start("collector");
  fleet.start("agent");
  await fleet.ready();
  const { port } = server.address() as AddressInfo;
  const settings = { url: `http://127.0.0.1:${port}/told`, signing: { secretKey: "a-signing-key" } };
  const channel = { name: "people", plugin: "webhook", kind: "endpoint", settings };
  expect((await post("/api/v1/connections", channel)).status).toBe(201);
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
const append = (line: string, file = "app.log"): void => appendFileSync(join(dir, "logs", file), `${line}\n`);
const stepsOf = async (workflow: string): Promise<unknown> => {
  const [job] = await jobs(workflow);
  return job && (await fleet.get<{ steps: unknown }>(`/api/v1/jobs/${job.id}`)).steps;
};

it("an alert starts a job, which asks first, survives a SIGKILL, and does its work once", async () => {
  append("an attack on port 22");
  await until("the job to ask", async () => (await jobs("on-alert"))[0]?.status === "waiting");
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
  expect(seen.filter(({ url }) => url === "/alert").map(({ body }) => body)).toEqual([
    { rule: "An attack", id: expect.any(String) },
  ]);
  expect(await jobs("on-alert")).toHaveLength(1);
});

it("people are told of a question over their channels, once each", async () => {
  // A kill between a letter and its answer makes it come again, and says so by its key.
  const letters = () =>
    new Map(seen.filter(({ url }) => url === "/told").map(({ key, body }) => [key, body]));
  const told = () => [...letters().values()];
  await until("the notice", async () => told().length > 0);
  expect(told()).toMatchObject([
    {
      about: "question",
      title: "Answer needed: Tell about An attack?",
      lines: expect.arrayContaining(["Answers: approve, deny"]),
    },
  ]);
  const dead = () =>
    fleet.get<{ items: unknown[] }>("/api/v1/notifications/deliveries?channel=nobody&state=dead");
  await until("the letter to nobody", async () => (await dead()).items.length === 1);
  expect((await fetch(`${fleet.url}/api/v1/connections/people`, { method: "DELETE" })).status).toBe(204);
});

it("an incident starts a job, once", async () => {
  await until("the job to be done", async () => (await jobs("on-incident"))[0]?.status === "succeeded");
  expect(await jobs("on-incident")).toMatchObject([{ startedBy: expect.stringMatching(/^incident /) }]);
  expect(JSON.stringify(await stepsOf("on-incident"))).toContain("1 of ");
});

it("a row of a plugin starts a job with the row as it was sent", async () => {
  append('{"word":"from a plugin"}', "rows.log");
  await until("the job to be done", async () => (await jobs("on-plugin"))[0]?.status === "succeeded");
  expect(await jobs("on-plugin")).toMatchObject([{ startedBy: "plugin rows" }]);
  expect(JSON.stringify(await stepsOf("on-plugin"))).toContain("from a plugin");
});

it("an event starts a job where its filter holds", async () => {
  append("say hello to me");
  append("say nothing");
  await until("the job to be done", async () => (await jobs("on-event"))[0]?.status === "succeeded");
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
  expect(items.map(({ id }) => id)).toEqual(["on-alert", "on-event", "on-hook", "on-incident", "on-plugin"]);
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

it("SIGHUP takes over workflows that changed, all or none", async () => {
  const file = join(dir, "workflows.yaml");
  const before = readFileSync(file, "utf8");
  const ids = async () =>
    (await fleet.get<{ items: { id: string }[] }>("/api/v1/workflows")).items.map(({ id }) => id);
  writeFileSync(
    file,
    before.replace("id: on-hook", "id: on-call").replace("type: artifact", "type: nonsense"),
  );
  fleet.process("collector")!.kill("SIGHUP");
  await until("the refusal", async () => fleet.log().includes("were not taken over"));
  expect(await ids()).toContain("on-hook");
  writeFileSync(file, before.replace("id: on-hook", "id: on-call"));
  fleet.process("collector")!.kill("SIGHUP");
  await until("the new one", async () => (await ids()).includes("on-call"));
  expect(await ids()).not.toContain("on-hook");
});
