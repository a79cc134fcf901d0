import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fleet, failedPassword, run, until } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "vedette-spine-"));
const logs = join(dir, "logs");
let fleet: Fleet;

type Row = Record<string, unknown>;
interface Page {
  items: Row[];
  next: string | null;
}

const attacker = "8.8.8.8";

beforeAll(async () => {
  mkdirSync(join(logs, "not-a-file.log"), { recursive: true });
  writeFileSync(join(logs, "auth.log"), "");
  writeFileSync(
    join(logs, "access.log"),
    '203.0.113.9 - alice [10/Oct/2026:13:55:36 +0000] "GET /cart HTTP/1.1" 200 512 "-" "Firefox"\n',
  );
  fleet = await Fleet.create(dir, {
    inputs: [
      { type: "file", dataType: "sshd", include: [join(logs, "auth.log")] },
      { type: "file", dataType: "nginx", include: [join(logs, "access.log")] },
      { type: "file", dataType: "generic", include: [join(logs, "not-a-file.log"), join(logs, "junk.bin")] },
    ],
    agent: { batch: { seconds: 0.2 } },
  });
  fleet.start("collector");
  fleet.start("agent");
  await fleet.ready();
});

afterAll(async () => {
  await fleet.stop();
  rmSync(dir, { recursive: true, force: true });
});

const events = (query: string): Promise<Page> => fleet.get<Page>(`/api/v1/events?from=-1h&${query}`);

const generic = async (): Promise<Row[]> => (await events("filter=dataType:generic&limit=1000")).items;

describe("the spine", () => {
  it("makes lines on a host into enriched, searchable rows", async () => {
    appendFileSync(
      join(logs, "access.log"),
      `${attacker} - - [10/Oct/2026:13:55:37 +0000] "GET /%F0%9F%98%80?q=jörg HTTP/1.1" 404 7 "-" "curl/8"\n`,
    );
    const [event] = await until(
      "the event",
      async () =>
        (await events(`filter=origin.ip:${attacker}`)).items[0] &&
        (await events(`filter=origin.ip:${attacker}`)).items,
    );
    expect(event).toMatchObject({
      dataType: "nginx",
      statusCode: 404,
      deviceTime: "2026-10-10T13:55:37.000Z",
      origin: { ip: attacker, geolocation: { countryCode: "US", asn: expect.stringMatching(/^\d+$/) } },
      target: { path: "/%F0%9F%98%80" },
      ingestedAt: expect.any(String),
    });
    expect((await events("q=jörg")).items).toHaveLength(1);
    await until(
      "the line of before",
      async () => (await events("filter=origin.user:alice")).items.length === 1,
    );
    expect(await fleet.get(`/api/v1/events/${String(event?.id)}`)).toEqual(event);
  });

  it("raises one alert for a brute force, with the events behind it, and none again after a restart", async () => {
    for (let n = 0; n < 40; n++)
      appendFileSync(join(logs, "auth.log"), failedPassword("1.1.1.1", n, Date.now()));
    const alerts = async () =>
      (await fleet.get<Page>("/api/v1/alerts?from=-1h")).items.filter(({ name }) =>
        /brute/i.test(String(name)),
      );
    const [alert] = await until("the alert", async () =>
      (await alerts()).length > 0 ? alerts() : undefined,
    );
    expect(alert).toMatchObject({
      adversary: { ip: "1.1.1.1" },
      severity: expect.stringMatching(/medium|high/),
    });
    const whole = await fleet.get<{ events: Row[] }>(`/api/v1/alerts/${String(alert?.id)}`);
    expect(whole.events.length).toBeGreaterThan(1);

    await fleet.kill("collector");
    fleet.start("collector");
    await fleet.ready();
    for (let n = 40; n < 60; n++)
      appendFileSync(join(logs, "auth.log"), failedPassword("1.1.1.1", n, Date.now()));
    await until(
      "the later lines",
      async () => (await events("filter=origin.ip:1.1.1.1&limit=200")).items.length >= 60,
    );
    expect(await alerts()).toHaveLength(1);
  });

  it("waits out what is no file and takes binary junk, without stalling other inputs", async () => {
    const junk = Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 7 + 1) % 256));
    writeFileSync(join(logs, "junk.bin"), Buffer.concat([junk, Buffer.from("\nthe end of the junk\n")]));
    await until("the line behind the junk", async () =>
      (await events("filter=dataType:generic&limit=200")).items.some(
        ({ raw }) => raw === "the end of the junk",
      ),
    );
    appendFileSync(
      join(logs, "access.log"),
      '203.0.113.10 - - [10/Oct/2026:13:55:38 +0000] "GET /after HTTP/1.1" 200 1 "-" "-"\n',
    );
    await until(
      "other inputs to go on",
      async () => (await events("filter=target.path:/after")).items.length === 1,
    );
    rmSync(join(logs, "not-a-file.log"), { recursive: true });
    writeFileSync(join(logs, "not-a-file.log"), "now it is a file\n");
    await until("the folder that became a file", async () =>
      (await generic()).some(({ raw }) => raw === "now it is a file"),
    );
  });

  it("answers from the command line", async () => {
    const url = ["--url", fleet.url];
    const listed = await run(["query", "--json", "--filter", "origin.user:alice", ...url]);
    expect(listed).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(listed.stdout)).toMatchObject({ dataType: "nginx", origin: { user: "alice" } });
    expect(await run(["query", "--filter", "orign.ip:1.1.1.1", ...url])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/origin\.ip/),
    });
    expect(await run(["query", "--url", "http://127.0.0.1:9"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/No collector answers/),
    });
    expect(await run(["check", "--config", join(dir, "vedette.yaml")])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/good/),
    });
    expect(await run(["spool", "check", join(dir, "agent", "spool")])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/batches/),
    });
    const doctor = await run(["doctor", "--config", join(dir, "vedette.yaml"), ...url]);
    expect(doctor).toMatchObject({ code: 0, stdout: expect.stringMatching(/ready/) });
  });

  it("needs a key once the first one is made", async () => {
    expect((await fetch(`${fleet.url}/api/v1/stats`)).status).toBe(200);
    const made = await run(["key", "create", "tests", "--config", join(dir, "vedette.yaml")]);
    expect(made.code).toBe(0);
    await until(
      "the key to be needed",
      async () => (await fetch(`${fleet.url}/api/v1/stats`)).status === 401,
    );
    const headers = { authorization: `Bearer ${made.stdout.trim()}` };
    expect((await fetch(`${fleet.url}/api/v1/stats`, { headers })).status).toBe(200);
    expect((await fetch(`${fleet.url}/healthz`)).status).toBe(200);
    expect(await run(["query", "--json", "--url", fleet.url])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/401/),
    });
    expect(
      await run(["query", "--json", "--limit", "1", "--key", made.stdout.trim(), "--url", fleet.url]),
    ).toMatchObject({ code: 0 });
  });
});
