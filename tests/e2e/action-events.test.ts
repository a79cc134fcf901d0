import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fleet, until } from "@vedette/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";

const rule = `
name: Action refused
dataTypes: [vedette.action]
impact: { confidentiality: 1, integrity: 1, availability: 1 }
adversary: target
where: equals("eventType", "action.refused")
`;

interface Listed<Item> {
  readonly items: readonly Item[];
}
interface Event {
  readonly id: string;
  readonly eventType: string;
  readonly actionResult?: string;
  readonly target?: { readonly ip: string };
  readonly log: { readonly run: string };
}

const dir = mkdtempSync(join(tmpdir(), "vedette-action-events-"));
let fleet: Fleet;

beforeAll(async () => {
  writeFileSync(join(dir, "rule.yaml"), rule);
  fleet = await Fleet.create(dir, {
    inputs: [{ type: "file", dataType: "shop", include: ["none.log"] }],
    collector: {
      ...{ rules: ["rule.yaml"], builtinRules: false },
      respond: {
        actions: {
          ...{ dryRun: false, previewRules: false, approvals: { rules: "auto" } },
          // It would act on the alert of its own refusal again and again.
          rules: [{ name: "circle", rules: ["*"], minSeverity: "low", action: "blocklist/ban" }],
        },
      },
    },
  });
  fleet.start("collector");
  await fleet.ready();
});
afterAll(() => {
  fleet?.destroy();
  rmSync(dir, { recursive: true, force: true });
});

const act = (ip: string): Promise<Response> =>
  fetch(`${fleet.url}/api/v1/actions/blocklist%2Fban/run`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ target: { value: ip }, reason: "Test", confirm: true }),
  });
const events = async (): Promise<readonly Event[]> => {
  const range = `from=${new Date(Date.now() - 3_600_000).toISOString()}&to=${new Date(Date.now() + 60_000).toISOString()}`;
  return (await fleet.get<Listed<Event>>(`/api/v1/events?${range}&q=dataType:vedette.action&limit=100`))
    .items;
};
const kinds = async (): Promise<string[]> =>
  (await events()).map(({ eventType, target }) => `${eventType} ${target?.ip}`).sort();

it("stores what became of actions once, shows it to rules, and starts nothing in a circle", async () => {
  expect((await act("45.9.148.7")).status).toBe(202);
  expect((await act("127.0.0.1")).status).toBeGreaterThanOrEqual(400);
  await until("both events", async () => (await events()).length === 2);
  expect(await kinds()).toEqual(["action.executed 45.9.148.7", "action.refused 127.0.0.1"]);
  await until(
    "the alert on the refusal",
    async () => (await fleet.get<Listed<unknown>>("/api/v1/alerts?limit=10")).items.length === 1,
  );
  await act("45.9.148.8");
  await fleet.kill("collector");
  fleet.start("collector");
  await fleet.ready();
  await until("the event of the run before the end", async () => (await events()).length >= 3);
  const all = await events();
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(await kinds()).toEqual([
    "action.executed 45.9.148.7",
    "action.executed 45.9.148.8",
    "action.refused 127.0.0.1",
  ]);
  const runs = await fleet.get<Listed<{ actor: string }>>("/api/v1/actions/runs?limit=100");
  expect(runs.items).toHaveLength(3);
});
