import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Log } from "@vedette/sdk";
import { expect, it } from "vitest";
import { explainBlocks } from "../../pipeline-test/index.ts";
import { loadPipelines } from "../load.ts";
import { inBlocks } from "./testing/twins.ts";

const plugins = fileURLToPath(new URL("../../../../plugins/", import.meta.url));

// What a block does not know is left to the plain program, with the same result: only a count shows that blocks are used.
it.each([
  { plugin: "nginx", dataType: "nginx", cases: ["combined"] },
  { plugin: "apache", dataType: "apache", cases: ["combined"] },
  { plugin: "docker-json", dataType: "docker-json", cases: ["lines"] },
  { plugin: "linux-auth", dataType: "sshd", cases: ["sshd-failures", "sshd-logins"] },
])(
  "leaves no line of $dataType to the plain program, once that has taught the blocks",
  ({ plugin, dataType, cases }) => {
    const pipelines = readdirSync(`${plugins}${plugin}`).filter((file) => file.endsWith(".yaml"));
    const set = loadPipelines(pipelines.map((file) => `${plugins}${plugin}/${file}`));
    const lines = cases.flatMap((name) =>
      readFileSync(`${plugins}${plugin}/tests/${name}/lines.log`, "utf8").split("\n").filter(Boolean),
    );
    const logs = lines.map(
      (raw, index): Log => ({
        id: String(index),
        dataType,
        dataSource: "host-1",
        "@timestamp": "2026-10-10T00:00:00.000Z",
        raw,
      }),
    );
    const alone = [0, 0, 0];
    for (const pass of alone.keys()) inBlocks(set, logs, () => alone[pass]!++);
    expect(logs.length).toBeGreaterThan(5);
    // The lines of the first pass teach automata, where there are any.
    expect(alone).toEqual([expect.any(Number), expect.any(Number), 0]);
  },
);

/** Lines of its tests that a shipped pipeline may leave to the plain program: such as no slot or no column takes. */
const left: Readonly<Record<string, number>> = {
  apache: 0,
  auditd: 2,
  "aws-cloudtrail": 9,
  caddy: 2,
  cef: 2,
  "cisco-asa": 0,
  cri: 0,
  dovecot: 0,
  fail2ban: 0,
  fortigate: 0,
  generic: 1,
  geoblock: 0,
  haproxy: 0,
  leef: 1,
  "linux-auth": 2,
  mikrotik: 0,
  netfilter: 0,
  nginx: 3,
  "palo-alto": 1,
  pfsense: 4,
  postfix: 4,
  suricata: 3,
  syslog: 4,
  windows: 17,
};

it.each(Object.entries(left))("leaves few lines of %s to the plain program", (name, most) => {
  const files = readdirSync(`${plugins}${name}`).filter((file) => file.endsWith(".yaml"));
  const set = loadPipelines(files.map((file) => `${plugins}${name}/${file}`));
  const tests = readdirSync(`${plugins}${name}/tests`, { recursive: true, encoding: "utf8" });
  const lines = tests
    .filter((file) => file.endsWith("lines.log"))
    .flatMap((file) => readFileSync(`${plugins}${name}/tests/${file}`, "utf8").split("\n").filter(Boolean));
  const share = explainBlocks(set, name, lines, "2026-10-10T00:00:00Z");
  expect(share.noBlock).toBeUndefined();
  expect(share.left.reduce((sum, one) => sum + one.lines, 0)).toBe(share.alone);
  expect(share.alone).toBeLessThanOrEqual(most);
});
