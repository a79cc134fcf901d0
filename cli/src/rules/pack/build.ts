import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadRules, type PackTools } from "@vedette/collector";
import { ConfigError, formatProblem, readSource, requireConfig } from "@vedette/core/config";
import { UsageError } from "../../exit.ts";
import { detectionText } from "../test/report.ts";
import { DetectionRun, selectDetections } from "../test/run.ts";

const parts = ["rules", "mappings", "lists", "tests"];
const texts = /^(?:LICENSE|NOTICE|README)(?:\.(?:md|txt))?$/;

/**
 * Makes an unsigned pack of a folder with pack.yaml. Throws a `ConfigError` where its rules cannot run, and a `UsageError` where it
 * holds what a pack cannot hold or a test of it fails.
 */
export function packOf(dir: string, tools: PackTools, now: number, { tests }: { readonly tests: boolean }) {
  const { validDays, ...head } = requireConfig(tools.packFile, readSource(join(dir, "pack.yaml")));
  const files = readdirSync(dir, { withFileTypes: true })
    .flatMap((entry) => {
      if (parts.includes(entry.name) && entry.isDirectory()) return below(dir, entry.name);
      if (!parts.includes(entry.name) && !texts.test(entry.name)) return [];
      return [fileAt(entry, entry.name)];
    })
    .map((path) => ({ path, bytes: readFileSync(join(dir, path)) }));
  const strange = files.find(({ path }) => !tools.isPackPath(path));
  if (strange)
    throw new UsageError(
      `A pack cannot hold "${strange.path}": names are made of letters, digits, . _ and -.`,
    );
  const { rules, problems, warnings } = loadRules(tools.rulePaths(dir));
  for (const warning of warnings) process.stderr.write(`${formatProblem(warning)}\n`);
  if (problems.length > 0) throw new ConfigError(problems);
  const tested = tests && files.some(({ path }) => path.startsWith("tests/")) ? prove(join(dir, "tests")) : 0;
  const created = new Date(now).toISOString();
  const expires = new Date(now + validDays * 86_400_000).toISOString();
  return { pack: tools.buildPack({ ...head, created, expires }, files), rules: rules.length, tested };
}

function prove(folder: string): number {
  const run = new DetectionRun({ update: false, beside: [] });
  const results = selectDetections([folder]).map((each) => run.run(each));
  const failed = results.filter(({ passed }) => !passed);
  for (const each of failed) process.stderr.write(detectionText(each));
  if (failed.length > 0)
    throw new UsageError(`${failed.length} of ${results.length} tests failed; --no-tests leaves them out.`);
  return results.length;
}

function below(dir: string, folder: string): string[] {
  return readdirSync(join(dir, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? below(dir, path) : [fileAt(entry, path)];
  });
}

function fileAt(entry: Dirent, path: string): string {
  if (entry.isFile()) return path;
  throw new UsageError(`"${path}" is neither a file nor a folder; a pack holds no links.`);
}
