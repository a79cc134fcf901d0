import { resolve } from "node:path";
import type { ChildCommand } from "@vedette/sdk/input";
import type { Settings } from "./settings.ts";

/** Where `journalctl` begins: with an entry (that one included), with a time, or as the settings say. */
export type Start = { readonly cursor: string } | { readonly sinceUs: number } | undefined;

/** The call of journalctl(1) that follows the journal in the export format. */
export function journalctl(settings: Settings, start: Start, baseDir: string): ChildCommand {
  const argv = [settings.journalctl, "--output=export", "--follow", "--all", "--quiet"];
  if (start === undefined) argv.push(settings.startAt === "end" ? "--lines=0" : "--no-tail");
  else if ("cursor" in start) argv.push("--no-tail", `--cursor=${start.cursor}`);
  else argv.push("--no-tail", `--since=@${Math.floor(start.sinceUs / 1e6)}`);
  if (settings.directory !== undefined) argv.push(`--directory=${resolve(baseDir, settings.directory)}`);
  for (const file of settings.files) argv.push(`--file=${resolve(baseDir, file)}`);
  if (settings.namespace !== undefined) argv.push(`--namespace=${settings.namespace}`);
  for (const unit of settings.units) argv.push(`--unit=${unit}`);
  for (const identifier of settings.identifiers) argv.push(`--identifier=${identifier}`);
  if (settings.priority !== "debug") argv.push(`--priority=${settings.priority}`);
  argv.push(...settings.matches);
  return { argv, env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" } };
}
