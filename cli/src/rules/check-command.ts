import { loadRules } from "@vedette/collector";
import { formatProblem, type Problem } from "@vedette/core/config";
import type { Command } from "commander";
import { attackDoubts, readTechniques, type Techniques } from "./attack.ts";
import { many } from "./reload.ts";

interface CheckOptions {
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly attack?: string;
}

interface FileReport {
  readonly file: string;
  readonly result: "ok" | "warning" | "error";
  readonly rules: number;
  readonly problems: readonly Problem[];
}

export function addRulesCheck(rules: Command): void {
  rules
    .command("check")
    .description("Load rules of files and whole trees, and report for each file.")
    .argument("<paths...>", "rule files or folders, such as a checkout of a Sigma tree")
    .option(
      "--attack <file>",
      "compare techniques with enterprise-attack.json, as MITRE publishes it in STIX 2.1",
    )
    .option("--json", "a report of each file as one JSON document")
    .option("--verbose", "also name the files that are good")
    .option("--quiet", "no progress on stderr")
    .addHelpText(
      "after",
      `
A file is ok, has a warning (its rules run, but something is doubtful), or an error (a rule of it cannot run, because it
is wrong or asks for what is not supported). Nothing is left out in silence.

Examples:
  vedette rules check rules/
  vedette rules check ../sigma/rules --json | jq '.summary'
  vedette rules check rules/ --attack enterprise-attack.json

Exit codes: 0 no error, 2 a file has an error or cannot be read.`,
    )
    .action((paths: string[], options: CheckOptions) => {
      const started = performance.now();
      const techniques = options.attack === undefined ? undefined : readTechniques(options.attack);
      const onFile = options.quiet || options.json ? undefined : progress;
      const { files, rules: count } = reportOf(paths, onFile, techniques);
      const summary = { files: files.length, ok: 0, warning: 0, error: 0, rules: count };
      for (const { result } of files) summary[result]++;
      if (options.json) process.stdout.write(`${JSON.stringify({ summary, files }, null, 2)}\n`);
      else {
        for (const each of files) process.stdout.write(textOf(each, options.verbose === true));
        const seconds = ((performance.now() - started) / 1_000).toFixed(1);
        const { ok, warning, error } = summary;
        process.stdout.write(
          `${many(files.length, "file")}, ${many(count, "rule")}: ${ok} ok, ${warning} with warnings, ${error} with errors (${seconds} s)\n`,
        );
      }
      if (summary.error > 0) process.exitCode = 2;
    });
}

function progress(done: number, total: number): void {
  if (!process.stderr.isTTY || total < 100) return;
  process.stderr.write(done === total ? "\r\u001b[K" : `\r${done} of ${total} files`);
}

function reportOf(
  paths: readonly string[],
  onFile: ((done: number, total: number) => void) | undefined,
  techniques: Techniques | undefined,
): { readonly files: FileReport[]; readonly rules: number } {
  const read: string[] = [];
  const loaded = loadRules(paths, {}, (file, done, total) => {
    read.push(file);
    if (done % 50 === 0 || done === total) onFile?.(done, total);
  });
  const doubts = techniques === undefined ? [] : attackDoubts(loaded.rules, techniques);
  const problems = new Map<string, Problem[]>(read.map((file) => [file, []]));
  for (const problem of [...loaded.problems, ...loaded.warnings, ...doubts]) {
    const list = problems.get(problem.file) ?? [];
    list.push(problem);
    problems.set(problem.file, list);
  }
  const rules = new Map<string, number>();
  for (const { place } of loaded.rules) rules.set(place.file, (rules.get(place.file) ?? 0) + 1);
  const files = [...problems].map(([file, own]): FileReport => {
    const wrong = own.some(({ severity }) => severity !== "warning");
    const result = wrong ? "error" : own.length > 0 ? "warning" : "ok";
    return { file, result, rules: rules.get(file) ?? 0, problems: own };
  });
  return { files, rules: loaded.rules.length };
}

function textOf({ file, result, problems }: FileReport, verbose: boolean): string {
  if (result === "ok") return verbose ? `ok       ${file}\n` : "";
  return `${result.padEnd(8)} ${file}\n${problems.map((problem) => `${formatProblem(problem).replaceAll(/^/gm, "  ")}\n`).join("")}`;
}
