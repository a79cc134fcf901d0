import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Checkpoint, Input, InputCapability, InputDeps, InputLog, InputSink } from "../input.ts";
import { recordingLogger } from "./recording-logger.ts";

/** One life of an input on a bench. */
export interface Life {
  readonly input: Input;
  /** Resolves when `run` has returned; rejects where it threw. */
  readonly ended: Promise<void>;
  /** What it pushed in this life. */
  readonly logs: InputLog[];
  /** Makes what was pushed so far durable, as a sealed batch does. */
  seal(): void;
  /** A graceful stop: the signal aborts, what was pushed becomes durable, the input is closed. */
  stop(): Promise<void>;
  /** A SIGKILL, as far as one process can play it: what was not sealed is forgotten. */
  kill(): Promise<void>;
}

/**
 * Runs an input as an agent does, without files: it keeps the checkpoints of sealed logs over the lives of the input, and
 * everything that was kept in `kept`.
 */
export class InputBench {
  readonly kept: InputLog[] = [];
  readonly log = recordingLogger();
  readonly counted = new Map<string, number>();
  readonly dir = mkdtempSync(join(tmpdir(), "vedette-input-"));
  readonly inputId: string;
  readonly agentId: string;
  readonly #checkpoints = new Map<string, Checkpoint>();

  constructor(inputId = "input-1", agentId = "agent-1") {
    this.inputId = inputId;
    this.agentId = agentId;
  }

  get checkpoints(): ReadonlyMap<string, Checkpoint> {
    return this.#checkpoints;
  }

  /** Opens and runs. `sealEveryMs` seals by time, `hasten` at once; 0 seals only when told. */
  async start<Settings>(
    { settings, open }: InputCapability<Settings>,
    raw: unknown,
    { sealEveryMs = 20, gate = (): void | Promise<void> => {} } = {},
  ): Promise<Life> {
    const stopping = new AbortController();
    const input = await open(settings.parse(raw), this.#deps(stopping.signal));
    const logs: InputLog[] = [];
    let waiting: InputLog[] = [];
    let dead = false;
    const seal = (): void => {
      if (dead) return;
      const sealed = waiting;
      waiting = [];
      this.kept.push(...sealed);
      for (const [source, log] of lastBySource(sealed)) {
        const { end, cursor } = log.position;
        this.#checkpoints.set(source, cursor === undefined ? { end } : { end, cursor });
        void input.durable(log.position);
      }
    };
    const sink: InputSink = {
      push: (log) => {
        if (dead) return;
        logs.push(log);
        waiting.push(log);
        return gate();
      },
      hasten: () => setImmediate(seal),
    };
    const timer = sealEveryMs > 0 ? setInterval(seal, sealEveryMs) : undefined;
    const ended = input.run(sink);
    const end = async (): Promise<void> => {
      stopping.abort();
      await ended;
      clearInterval(timer);
      seal();
      await input.close?.();
    };
    const kill = (): Promise<void> => {
      dead = true;
      return end();
    };
    return { input, ended, logs, seal, stop: end, kill };
  }

  #deps(signal: AbortSignal): InputDeps {
    const count = (kind: string) => (reason: string, by: number) => {
      const key = `${kind} ${reason}`;
      this.counted.set(key, (this.counted.get(key) ?? 0) + by);
    };
    const [dropped, failed, flawed] = [count("dropped"), count("failed"), count("flawed")];
    return {
      inputId: this.inputId,
      agentId: this.agentId,
      dataType: "test",
      dataSource: "host-1",
      dataSourceIsSet: false,
      baseDir: this.dir,
      stateDir: this.dir,
      log: this.log,
      clock: { now: () => Date.now() },
      signal,
      checkpoint: (source) => this.#checkpoints.get(source),
      forget: (source) => void this.#checkpoints.delete(source),
      dropped,
      failed: (reason) => failed(reason, 1),
      flawed: (kind) => flawed(kind, 1),
    };
  }
}

function lastBySource(logs: readonly InputLog[]): Map<string, InputLog> {
  return new Map(logs.map((log) => [log.position.source, log]));
}
