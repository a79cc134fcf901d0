import { messageOf } from "@vedette/sdk";
import { readEvent, type StepEvent, type StepStart, startMessage } from "../run/envelope.ts";
import { hostError } from "../run/failure.ts";
import { Gate } from "../run/gate.ts";
import type { CallOptions, IconTransport } from "../run/transport.ts";
import { sectionOf } from "../spec/model.ts";

export interface HttpSettings {
  /** Where the plugin's server is, such as `http://127.0.0.1:10001`. */
  readonly url: string;
  readonly timeoutMs: number;
  /** Of an answer. */
  readonly maxBytes: number;
  readonly maxConcurrent: number;
}

export const httpDefaults = { timeoutMs: 120_000, maxBytes: 16 * 1024 * 1024, maxConcurrent: 4 };

const waitingRoom = 64;

/** A plugin that runs as a server: `POST /actions/<id>`, `/tasks/<id>` and their `/test`. Redirects are refused. */
export class HttpTransport implements IconTransport {
  readonly #settings: HttpSettings;
  readonly #gate: Gate;

  constructor(settings: HttpSettings) {
    this.#settings = settings;
    this.#gate = new Gate(settings.maxConcurrent, waitingRoom);
  }

  run(start: StepStart, options: CallOptions): Promise<StepEvent> {
    return this.#gate.pass(() => this.#post("", start, options));
  }

  test(start: StepStart, options: CallOptions): Promise<StepEvent> {
    return this.#gate.pass(() => this.#post("/test", start, options));
  }

  async #post(suffix: string, start: StepStart, { signal, deadlineMs }: CallOptions): Promise<StepEvent> {
    const { url, timeoutMs, maxBytes } = this.#settings;
    const target = `${url.replace(/\/+$/, "")}/${sectionOf(start.kind)}/${encodeURIComponent(start.id)}${suffix}`;
    const deadline = AbortSignal.timeout(deadlineMs ?? timeoutMs);
    try {
      const answer = await fetch(target, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(startMessage(start)),
        redirect: "error",
        signal: AbortSignal.any([signal, deadline]),
      });
      const text = await readBounded(answer, maxBytes);
      return eventOf(text, answer.status, start);
    } catch (error) {
      if (error instanceof Error && "verdict" in error) throw error;
      if (deadline.aborted)
        throw hostError("plugin.timed_out", "The plugin's server took longer than it may.", {
          again: true,
          error,
        });
      const why = messageOf((error as Error).cause ?? error);
      throw hostError("plugin.failed", `The plugin's server did not answer: ${why}.`, { again: true, error });
    }
  }
}

function eventOf(text: string, status: number, start: StepStart): StepEvent {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw hostError("plugin.bad_output", `The plugin's server answered ${status} and no JSON.`, {
      again: status >= 500,
      error,
    });
  }
  return readEvent(json, start.kind);
}

async function readBounded(answer: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw hostError("plugin.bad_output", "The plugin's server answered more than it may.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
