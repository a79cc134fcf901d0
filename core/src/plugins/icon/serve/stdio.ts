import { findComponent } from "../component-of.ts";
import { readStart, startMessage } from "../run/envelope.ts";
import { hostError } from "../run/failure.ts";
import type { HostedPlugin } from "../run/hosted.ts";
import { infoOf, sampleStart } from "../spec/describe.ts";
import { refusal, serveStep } from "./served.ts";

/** What `bin/icon_<name>` is asked for. */
export type StdioVerb = "info" | "sample" | "run" | "test";

export interface Stdio {
  read(): string;
  write(text: string): void;
  readonly signal: AbortSignal;
}

/** Plays the program of a plugin: a verb in, one answer out. Gives the exit code: 0, or 1 where the answer is an error. */
export async function stdioVerb(
  plugin: HostedPlugin,
  verb: StdioVerb,
  step: string | undefined,
  io: Stdio,
): Promise<0 | 1> {
  if (verb === "info") {
    io.write(infoOf(plugin.spec));
    return 0;
  }
  if (verb === "sample") {
    const found = findComponent(plugin.spec, step ?? "");
    if ("why" in found) throw hostError("plugin.bad_input", found.why);
    io.write(`${JSON.stringify(startMessage(sampleStart(plugin.spec, found.component)), null, 2)}\n`);
    return 0;
  }
  try {
    const start = readStart(JSON.parse(io.read()));
    const { outcome, message } = await serveStep(plugin, verb, start, { signal: io.signal });
    io.write(`${JSON.stringify(message)}\n`);
    return outcome === "ok" ? 0 : 1;
  } catch (error) {
    io.write(
      `${JSON.stringify(refusal(error instanceof SyntaxError ? hostError("plugin.bad_input", "The message is no JSON.", { error }) : error))}\n`,
    );
    return 1;
  }
}
