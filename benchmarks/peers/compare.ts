/**
 * The agent beside Debian's rsyslog and syslog-ng, run in turn on the same files: CPU seconds per million lines and peak
 * memory. Theirs write to a file without fsync; ours seals batches and fsyncs them.
 * Run: node --conditions=@vedette/source benchmarks/peers/compare.ts [lines] [case ...] [--rounds 3]
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeInput } from "./input.ts";
import { measure, type Usage } from "./measure.ts";
import { ours } from "./ours.ts";
import { type Case, type Peer, rsyslog, syslogNg } from "./peers.ts";

const cases: readonly Case[] = [
  { name: "raw", kind: "nginx", parse: false },
  { name: "nginx", kind: "nginx", parse: true },
  { name: "sshd", kind: "sshd", parse: true },
  // Lines of 1 KB, of which a quarter is as many bytes.
  { name: "traefik-json", kind: "traefik", parse: true, share: 0.25 },
];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "3" } },
});
/** Best of this many runs: other work on the machine only ever adds. */
const rounds = Number(values.rounds);
const [count = "2000000", ...wanted] = positionals;
const asked = Number(count);
const dir = mkdtempSync(join(tmpdir(), "vedette-peers-"));
const peers = [await ours(), rsyslog(), syslogNg()].filter((peer): peer is Peer => peer !== undefined);
const results: Record<string, Record<string, Usage & { readonly cpuSecondsPerMillion: number }>> = {};

try {
  for (const each of cases) {
    if (wanted.length > 0 && !wanted.includes(each.name)) continue;
    const lines = Math.round(asked * (each.share ?? 1));
    const file = join(dir, `${each.name}.log`);
    const bytes = writeInput(file, each.kind, lines);
    console.log(`\n${each.name}: ${lines} lines of ${Math.round(bytes / lines)} bytes`);
    const row: (typeof results)[string] = {};
    results[each.name] = row;
    for (let round = 0; round < rounds; round++) {
      for (const peer of peers) {
        const place = join(dir, `${each.name}-${peer.name}-${round}`);
        const program = peer.program(each, file, place, lines);
        if (!program) continue;
        const usage = await measure(program);
        rmSync(place, { recursive: true, force: true });
        const cpuSecondsPerMillion = Number(((usage.cpuSeconds / lines) * 1e6).toFixed(3));
        const best = row[peer.name];
        if (!best || usage.cpuSeconds < best.cpuSeconds) row[peer.name] = { ...usage, cpuSecondsPerMillion };
        const { wallSeconds, peakMiB } = usage;
        console.log(
          `  ${peer.name.padEnd(10)} ${cpuSecondsPerMillion.toFixed(2)} CPU s a million, ${wallSeconds.toFixed(1)} s by the clock, ${peakMiB} MiB`,
        );
      }
    }
    for (const peer of peers.slice(1)) {
      const [mine, theirs] = [row.vedette, row[peer.name]];
      if (mine && theirs)
        console.log(`  ${(mine.cpuSeconds / theirs.cpuSeconds).toFixed(3)} of ${peer.name}'s CPU`);
    }
    rmSync(file, { force: true });
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}

const date = new Date().toISOString().slice(0, 10);
const folder = fileURLToPath(new URL("../results/", import.meta.url));
mkdirSync(folder, { recursive: true });
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
writeFileSync(
  join(folder, `peers-${date}.json`),
  `${JSON.stringify(
    {
      benchmark: "peers",
      date,
      hardware: { cpu: cpus()[0]?.model, cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) },
      versions: { commit, ...Object.fromEntries(peers.map(({ name, version }) => [name, version])) },
      lines: asked,
      bestOf: rounds,
      results,
    },
    null,
    2,
  )}\n`,
);
