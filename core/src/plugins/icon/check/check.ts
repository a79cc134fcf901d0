import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "@vedette/sdk";
import { Findings, type IconProblem } from "../findings.ts";
import { buildSpec, readSpecText } from "../spec/load.ts";
import { checkBump } from "./bump.ts";
import { checkCloud } from "./cloud.ts";
import { checkComponents } from "./components.ts";
import { checkHelp } from "./help.ts";
import { checkTop } from "./top.ts";

/** What a check found, and what it looked at. */
export interface SpecCheck {
  readonly file: string;
  readonly name: string;
  readonly version: string;
  readonly problems: readonly IconProblem[];
  readonly counts: { readonly actions: number; readonly triggers: number; readonly tasks: number };
}

/**
 * Checks a spec, or that of a plugin's folder, by every rule; with `against`, the step from an older version of it too.
 * Reads files, does nothing else. Throws a `ConfigError` (`config.unreadable`) where a file cannot be read.
 */
export function checkSpec(path: string, against?: string): SpecCheck {
  const { file, text } = readSpecText(path);
  const findings = new Findings(file);
  const spec = buildSpec(text, findings);
  checkTop(spec, findings);
  checkComponents(spec, findings);
  checkCloud(spec, findings);
  checkHelp(spec, helpBeside(file), findings);
  if (against !== undefined) {
    const old = readSpecText(against);
    checkBump(buildSpec(old.text, new Findings(old.file)), spec, findings);
  }
  return {
    file,
    name: spec.name,
    version: spec.version,
    problems: findings.sorted(),
    counts: { actions: spec.actions.size, triggers: spec.triggers.size, tasks: spec.tasks.size },
  };
}

/** help.md beside a spec; undefined where there is none. */
function helpBeside(file: string): string | undefined {
  const path = join(dirname(file), "help.md");
  if (!existsSync(path)) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return messageOf(error);
  }
}
