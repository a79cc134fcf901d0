/**
 * Events per CPU second of detection alone: 100 rules over nginx batches.
 * Run: node --conditions=@vedette/source benchmarks/micro/detect.ts
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createDetector, loadRules } from "@vedette/collector";
import { BatchBuilder, decodeBatch } from "@vedette/core/batch";
import type { Event } from "@vedette/sdk";

const rows = 10_000;
const batchesPerRun = 20;
const words =
  "admin api assets blog cart checkout images login news orders products search static user".split(" ");

/** A small generator with a fixed seed (mulberry32), so that runs compare. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function nginxFrames(hostile: number, distinctPaths: boolean): Buffer[] {
  const next = random(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  let id = 0;
  return Array.from({ length: batchesPerRun }, (_, sequence) => {
    const builder = new BatchBuilder("nginx", { rows: 1e6, bytes: 1e9 });
    for (let row = 0; row < rows; row++) {
      const bad = next() < hostile;
      const path = distinctPaths
        ? `/${pick(words)}/${pick(words)}/${Math.floor(next() * 1e9).toString(36)}`
        : `/${pick(words)}/${pick(words)}`;
      const event: Event = {
        id: `event-${id++}`,
        "@timestamp": new Date(1_767_000_000_000 + id).toISOString(),
        dataType: "nginx",
        dataSource: "web-1",
        origin: { ip: `198.51.${Math.floor(next() * 16)}.${Math.floor(next() * 256)}`, bytesReceived: 1_024 },
        target: { host: "shop.example", path: bad ? `${path}/../../etc/passwd` : path },
        statusCode: bad ? 404 : pick([200, 200, 200, 304, 301, 404]),
        actionResult: "success",
        action: pick(["get", "get", "get", "post"]),
        log: {
          userAgent: `Mozilla/5.0 (X11; rv:${Math.floor(next() * 60)}.0)`,
          referer: `https://shop.example${path}`,
        },
        raw: `198.51.100.7 - - "GET ${path} HTTP/1.1" 200 1024`,
      };
      builder.append(event, { source: "bench", offset: 0, end: 1 });
    }
    const batchId = `00000000-0000-7000-8000-${String(sequence).padStart(12, "0")}`;
    return builder.seal({ batchId, agentId: "bench", epoch: 1, sequence, codec: "none" }).frame;
  });
}

const attack =
  "etc/passwd cmd.exe wp-login xmlrpc .git/ .env phpmyadmin union+select <script ../ /actuator jndi:".split(
    " ",
  );

/** 100 rules of the kinds that web rules are made of. */
function rulesYaml(): string {
  const wheres: string[] = [];
  for (let i = 0; wheres.length < 100; i++) {
    const token = `${attack[i % attack.length]}${i < attack.length ? "" : i}`;
    switch (i % 5) {
      case 0:
        wheres.push(`contains("target.path", "${token}")`);
        break;
      case 1:
        wheres.push(
          `equals("statusCode", ${400 + i}) && contains("log.userAgent", ["${token}", "scanner${i}"])`,
        );
        break;
      case 2:
        wheres.push(`equals("origin.ip", "192.0.2.${i}") || startsWith("log.userAgent", "evil${i}")`);
        break;
      case 3:
        wheres.push(`oneOf("action", ["put", "delete", "trace${i}"]) && exists("origin.ip")`);
        break;
      default:
        wheres.push(
          `regexMatch("log.userAgent", "(?i)(sqlmap|nikto|nmap)/${i}\\\\.") && !inCIDR("origin.ip", "10.0.0.0/8")`,
        );
    }
  }
  const rules = wheres.map(
    (where, i) => `- name: Rule ${i}\n  dataTypes: [nginx]\n  where: ${JSON.stringify(where)}\n`,
  );
  rules.push(`- name: Scan
  dataTypes: [nginx]
  where: equals("statusCode", 404) && exists("origin.ip")
  deduplicateBy: [adversary.ip]
  afterEvents:
    - with:
        - { field: statusCode, operator: filter_term, value: 404 }
        - { field: origin.ip, operator: filter_term, value: "{{.origin.ip}}" }
      within: 5m
      count: 100
`);
  return rules.join("");
}

const file = join(mkdtempSync(join(tmpdir(), "vedette-bench-")), "rules.yaml");
writeFileSync(file, rulesYaml());
const { rules, problems } = loadRules([file]);
rmSync(dirname(file), { recursive: true });
if (problems.length > 0) throw new Error(problems.map((problem) => problem.message).join("\n"));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function measure(name: string, frames: readonly Buffer[], used: typeof rules): void {
  let best = 0;
  let alerts = 0;
  for (let run = 0; run < 5; run++) {
    const detector = createDetector({ rules: used, deps: { clock: { now: () => 0 }, log: quiet } });
    // Decoded anew: a batch's dictionaries are made on first use, and that is part of the work.
    const batches = frames.map((frame) => decodeBatch(frame));
    const before = process.cpuUsage();
    alerts = 0;
    for (const batch of batches) alerts += detector.process(batch).length;
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, (batches.length * rows * 1e6) / (user + system));
  }
  console.log(`${name.padEnd(44)} ${Math.round(best).toLocaleString("en")} events/CPU-s, ${alerts} alerts`);
}

const stateless = rules.filter((rule) => rule.afterEvents.length === 0);
measure("100 rules, few paths, 0.01 % match", nginxFrames(0.0001, false), stateless);
measure("100 rules, every path distinct, 0.01 % match", nginxFrames(0.0001, true), stateless);
measure("100 rules, every path distinct, 5 % match", nginxFrames(0.05, true), stateless);
measure("101 rules, one counts 404s by address", nginxFrames(0.0001, true), rules);
measure("no rule for the data type", nginxFrames(0.0001, true), []);
