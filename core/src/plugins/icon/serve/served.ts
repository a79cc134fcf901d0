import { eventMessage, type JsonMap, type StepStart } from "../run/envelope.ts";
import { hostError, IconError } from "../run/failure.ts";
import { type HostedPlugin, TaskError } from "../run/hosted.ts";
import type { CallOptions } from "../run/transport.ts";

/** The answer to a start message, and how it went: `refused` is the caller's fault, `failed` is not. */
export interface ServedStep {
  readonly outcome: "ok" | "refused" | "failed";
  readonly message: JsonMap;
}

/** Does what a start message asks for, and answers whatever happens. */
export async function serveStep(
  plugin: HostedPlugin,
  verb: "run" | "test",
  start: StepStart,
  options: CallOptions,
): Promise<ServedStep> {
  const { kind, meta = {} } = start;
  try {
    if (kind === "trigger" && verb === "run")
      throw hostError("plugin.bad_input", "A trigger runs on and is not served; it can be tested.");
    const { output, log, state, hasMorePages, statusCode } = await plugin[verb](start, options);
    const event = {
      kind,
      ok: true,
      meta,
      log: `${headOf(plugin, start)}${log}`,
      output,
      state,
      hasMorePages,
      statusCode,
    };
    return { outcome: "ok", message: eventMessage(event) };
  } catch (error) {
    return { outcome: outcomeOf(error), message: failure(start, error) };
  }
}

/** The answer to what is no start message at all. */
export const refusal = (error: unknown): JsonMap => failure({ kind: "action" }, error);

const outcomeOf = (error: unknown): "refused" | "failed" =>
  error instanceof IconError && error.code === "plugin.bad_input" ? "refused" : "failed";

function failure({ kind, meta = {} }: Pick<StepStart, "kind" | "meta">, error: unknown): JsonMap {
  const known =
    error instanceof IconError
      ? error
      : hostError("plugin.failed", "Something unexpected occurred.", { error });
  const { cause, assistance, data } = known.detail;
  return eventMessage({
    kind,
    ok: false,
    meta,
    log: known.stepLog,
    error: known.message,
    exception: { cause, assistance, data },
    statusCode: known instanceof TaskError ? known.statusCode : undefined,
  });
}

const headOf = ({ spec }: HostedPlugin, { id }: StepStart): string =>
  `${spec.vendor || "vedette"}/${spec.name}:${spec.version}. Step name: ${id}\n`;
