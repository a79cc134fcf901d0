import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catSpool } from "@vedette/agent";
import { noOpenssl, TestAuthority } from "@vedette/sdk/testing";
import { freePort, type Running, until, vedette } from "@vedette/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { type RunningSender, senderConfig, senders, startSender, type Transport } from "./senders.ts";

let dir = "";
let sender: RunningSender | undefined;
let agent: Running | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "vedette-senders-"));
});
afterEach(async () => {
  sender?.kill("SIGKILL");
  agent?.kill("SIGKILL");
  await Promise.all([sender?.exited, agent?.exited]);
  rmSync(dir, { recursive: true, force: true });
});

const numbered = (from: number, to: number): string =>
  Array.from(
    { length: to - from },
    (_, i) => `msg n=${from + i} zażółć "q" [x] ${"·".repeat((from + i) % 50)} end\n`,
  ).join("");

/** The raws in the agent's spool, which has no collector and so keeps all. */
async function spooled(): Promise<string[]> {
  const raws: string[] = [];
  for await (const { batch } of catSpool(join(dir, "state", "spool"))) {
    for (let row = 0; row < batch.rows; row++) raws.push(batch.event(row).raw ?? "");
  }
  return raws;
}

const numbersOf = (raws: readonly string[]): number[] =>
  raws.map((raw) => Number(/msg n=(\d+) zażółć "q" \[x\] ·* end$/.exec(raw)?.[1] ?? Number.NaN));

async function stopAgent(): Promise<void> {
  agent?.kill("SIGTERM");
  expect((await agent?.exited)?.code).toBe(0);
}

describe.each(senders)("$name", ({ name, daemon }) => {
  const missing =
    daemon || process.env["CI"] === "true" ? noOpenssl() : "skipped: Debian's package cannot be had";
  it.skipIf(missing !== undefined).each<{ transport: Transport; header: RegExp }>([
    {
      transport: "udp",
      header: name === "rsyslog" ? /^<(?:133|13)>1 \d{4}-/ : /^<(?:133|13)>[A-Z][a-z]{2} /,
    },
    { transport: "tcp lines", header: /^<(?:133|13)>[A-Z][a-z]{2} [ \d]\d / },
    { transport: "tcp counted", header: /^<(?:133|13)>1 \d{4}-/ },
    { transport: "tls", header: /^<(?:133|13)>1 \d{4}-/ },
  ])(
    `sends over $transport what the agent keeps${missing === undefined ? "" : ` (${missing})`}`,
    async ({ transport, header }) => {
      const port = await freePort();
      const authority = transport === "tls" ? new TestAuthority(dir) : undefined;
      const tls = authority && { ...authority.issue("sender"), caFile: authority.caFile };
      const protocol = transport.split(" ")[0]!;
      const listener = {
        protocol,
        address: `127.0.0.1:${port}`,
        ...(authority && { tls: { ...authority.issue("agent"), clientCaFile: authority.caFile } }),
      };
      const config = join(dir, "vedette.yaml");
      const inputs = [{ type: "syslog", id: "net", dataType: "syslog", listen: [listener] }];
      const batch = { seconds: 0.2 };
      writeFileSync(
        config,
        stringify({ agent: { stateDir: "state", inputs, batch, collector: { address: "127.0.0.1:1" } } }),
      );
      const start = (): void => {
        agent = vedette(["agent", "--config", config], { cwd: dir });
      };
      start();
      await until("the agent listens", () => agent?.stderr().includes("Syslog is awaited."));

      mkdirSync(join(dir, "sender"));
      const log = join(dir, "sender", "in.log");
      const sent = 6_000;
      writeFileSync(log, "");
      const senderFile = join(dir, "sender", "sender.conf");
      writeFileSync(
        senderFile,
        senderConfig(name, { dir: join(dir, "sender"), port, transport, ...(tls && { tls }) }),
      );
      if (!daemon) throw new Error(`${name} is needed here, and Debian's package cannot be had.`);
      sender = startSender(daemon, senderFile, join(dir, "sender"));

      const arrived = (count: number) =>
        until(`message ${count - 1}`, async () => numbersOf(await spooled()).includes(count - 1), {
          everyMs: 200,
        }).catch(async (error: unknown) => {
          const { length } = await spooled();
          const said = `${sender?.output().slice(-2_000)} ${agent?.stderr().slice(-2_000)}`;
          throw new Error(`${String(error)} ${length} have arrived. ${said}`, { cause: error });
        });
      // Datagrams are lost when they come faster than they are read; in small steps nothing may be.
      const step = transport === "udp" ? 500 : 1_500;
      for (let from = 0; from < sent; from += step) {
        // The sender is silent when the agent goes away; it has to find out, and to connect again.
        const restart = transport !== "udp" && from === sent / 2;
        if (from > 0 && (transport === "udp" || restart)) await arrived(from);
        if (restart) await stopAgent();
        appendFileSync(log, numbered(from, from + step));
        if (restart) start();
      }
      await arrived(sent);
      await stopAgent();
      const raws = await spooled();
      expect(raws.filter((raw) => !header.test(raw)).slice(0, 3)).toEqual([]);
      const numbers = numbersOf(raws);
      const arrivedOnce = new Set(numbers);
      const all = Array.from({ length: sent }, (_, n) => n);
      expect([...arrivedOnce].filter((n) => !(n in all))).toEqual([]);
      const lost = all.filter((n) => !arrivedOnce.has(n));
      if (transport === "udp")
        expect({ lost, twice: numbers.length - arrivedOnce.size }).toEqual({ lost: [], twice: 0 });
      // Syslog has no acknowledgement: what a sender writes into a connection before it sees that the other end has
      // gone is lost. syslog-ng does that with its first message over TLS; on a busy machine the system may tell a sender late,
      // so that it is some hundred. Nothing before, and nothing of the next step, may be missing.
      const inFlight = { from: sent / 2, to: sent / 2 + step };
      expect(lost.filter((n) => n < inFlight.from || n >= inFlight.to)).toEqual([]);
    },
  );
});
