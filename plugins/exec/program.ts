import { resolve } from "node:path";
import type { InputDeps } from "@vedette/sdk";
import type { ChildCommand, ChildExit } from "@vedette/sdk/input";
import type { Settings } from "./settings.ts";

/** What to start: the configured program with the allowed part of the agent's environment. */
export function programOf(settings: Settings, deps: InputDeps): ChildCommand {
  const env: Record<string, string> = {};
  for (const name of settings.inheritEnv) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return {
    argv: settings.command,
    cwd: resolve(deps.baseDir, settings.workingDirectory ?? "."),
    env: { ...env, ...settings.env },
  };
}

/** How a program ended, in words. */
export function endOf({ code, signal, error }: ChildExit): string {
  if (error !== undefined) return `it could not be started: ${error}`;
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}
