// What lines of every shipped data type cost, one by one and many at once: `node --conditions=@vedette/source benchmarks/micro/blocks.ts [plugin...]`.
// The lines are those of the plugin's tests, over and over. CPU microseconds a line from bytes into the builders of a batch, the best of several
// rounds; `left` is the share of lines that are read one by one though the pipeline takes many at once.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BatchBuilder, withChunk } from "@vedette/core/batch";
import { loadPipelines, type PipelineSet, type RowProgram } from "@vedette/core/pipeline";

const plugins = fileURLToPath(new URL("../../plugins/", import.meta.url));
const rounds = Number(process.env.ROUNDS ?? 14);
const count = 4_096;
const time = Date.parse("2026-10-10T13:56:00Z");
const facts = { time, timestamp: new Date(time).toISOString(), dataSource: "host", tenantId: "", id: "id" };

/** Lines one behind the other as an input reads them. */
interface Chunk {
  readonly lines: readonly string[];
  readonly bytes: Buffer;
  readonly rows: Uint32Array;
}

function chunkOf(own: readonly string[]): Chunk {
  const lines = Array.from({ length: count }, (_, index) => own[index % own.length]!);
  const bytes = Buffer.from(`${lines.join("\n")}\n`);
  const rows = new Uint32Array(count * 4);
  let at = 0;
  for (const [index, line] of lines.entries()) {
    const end = at + Buffer.byteLength(line);
    rows.set([at, at, end, end + 1], index * 4);
    at = end + 1;
  }
  return { lines, bytes, rows };
}

function measure(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / count);
  }
  return best;
}

function readOne({ lines, bytes, rows }: Chunk, program: RowProgram, builder: BatchBuilder, index: number) {
  const raw = lines[index]!;
  const [from, to] = [rows[index * 4 + 1]!, rows[index * 4 + 2]!];
  const place = to - from === raw.length ? { bytes, from, to } : {};
  if (program.run(builder.rows, { ...facts, raw, ...place }) === undefined) builder.endRow(to - from);
}

const builderOf = (dataType: string): BatchBuilder =>
  new BatchBuilder(dataType, { rows: count + 1, bytes: 1 << 30 });

function oneByOne(set: PipelineSet, dataType: string, chunk: Chunk): void {
  const builder = builderOf(dataType);
  withChunk(chunk.bytes, () => {
    const program = set.columns(dataType).bind(builder);
    for (let index = 0; index < count; index++) readOne(chunk, program, builder, index);
  });
}

/** Gives how many lines were read one by one. */
function atOnce(set: PipelineSet, dataType: string, chunk: Chunk): number {
  const builder = builderOf(dataType);
  const { bytes, rows } = chunk;
  let left = 0;
  withChunk(bytes, () => {
    const program = set.columns(dataType).bind(builder);
    const { block } = program;
    if (!block) throw new Error(`"${dataType}" has no form for blocks.`);
    const log = { ...facts, raw: "" };
    for (let next = 0; next < count; ) {
      const taken = Math.abs(block.run({ bytes, rows, first: next, count: count - next, always: true }, log));
      for (let line = 0; line < taken; ) {
        if (block.isOpen(line)) {
          left++;
          readOne(chunk, program, builder, next + line++);
          continue;
        }
        let end = line;
        while (end < taken && !block.isOpen(end)) end++;
        if (!block.write(line, end - line, builder.rows, log)) throw new Error("Nothing was written.");
        builder.endRows(end - line, rows[(next + end) * 4 - 2]! - rows[(next + line) * 4]!);
        line = end;
      }
      next += taken;
    }
  });
  return left;
}

const linesOf = (name: string): string[] =>
  readdirSync(`${plugins}${name}/tests`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("lines.log"))
    .flatMap((file) => readFileSync(`${plugins}${name}/tests/${file}`, "utf8").split("\n").filter(Boolean));

const wanted = process.argv.slice(2);
console.log("µs a line          one by one   at once   left");
for (const name of readdirSync(plugins).filter((folder) => !folder.startsWith("_"))) {
  if (!existsSync(`${plugins}${name}/tests`) || (wanted.length > 0 && !wanted.includes(name))) continue;
  const files = readdirSync(`${plugins}${name}`).filter((file) => file.endsWith(".yaml"));
  if (files.length === 0) continue;
  const load = (): PipelineSet => loadPipelines(files.map((file) => `${plugins}${name}/${file}`));
  const chunk = chunkOf(linesOf(name));
  for (const dataType of load().dataTypes) {
    const plain = load();
    const slow = measure(() => oneByOne(plain, dataType, chunk)).toFixed(2);
    const block = load();
    if (block.columns(dataType).noBlock) {
      console.log(`${dataType.padEnd(18)} ${slow.padStart(10)}         -`);
      continue;
    }
    let left = 0;
    const fast = measure(() => {
      left = atOnce(block, dataType, chunk);
    }).toFixed(2);
    const share = `${Math.round((100 * left) / count)} %`;
    console.log(`${dataType.padEnd(18)} ${slow.padStart(10)} ${fast.padStart(9)} ${share.padStart(6)}`);
  }
}
