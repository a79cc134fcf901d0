import { type Deps, type Health, messageOf } from "@vedette/sdk";
import { Backoff, keepRunning, LineStream, wait } from "@vedette/sdk/input";
import { forgetPlugin, notePlugin, reapOrphans, signalGroup } from "../../socket/orphans.ts";
import { childCommand, type HostedCommand } from "../run/command.ts";
import { type JsonMap, readEvent, type StepStart, startMessage } from "../run/envelope.ts";
import { hostError } from "../run/failure.ts";
import type { HostedPlugin } from "../run/hosted.ts";
import { quietLog } from "../run/quiet-log.ts";
import { watchUsage } from "../run/usage.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { keyOf, type SeenEvents } from "./seen.ts";
import type { RowSink } from "./task.ts";

/** An event of a trigger as it is handed on. */
export interface TriggerEvent {
  readonly trigger: string;
  readonly output: unknown;
  /** What the trigger had logged since its event before. */
  readonly log: string;
  readonly meta: JsonMap;
}

export interface TriggerSettings {
  readonly id: string;
  readonly input: JsonMap;
  readonly connection: JsonMap;
  readonly meta?: JsonMap;
  readonly minRestartMs: number;
  readonly maxRestartMs: number;
}

export interface TriggerDeps extends Deps {
  readonly plugin: HostedPlugin;
  readonly command: HostedCommand;
  readonly dispatcher: Dispatcher;
  /** Undefined: nothing is remembered, and what a plugin repeats after a restart comes twice. */
  readonly seen: SeenEvents | undefined;
  /** An existing folder to note the program in, so that the next run ends one that outlived us. Undefined: not noted. */
  readonly runDir?: string;
  /** Where events go, for `seen`. */
  readonly place?: Pick<RowSink, "next">;
  /** Resolves when the event is durable. While it fails it is tried again, and the plugin waits. */
  dispatch(event: TriggerEvent): Promise<void>;
  /** Counts an event that was left out, by reason: `repeat`, `bad_output`, `queue_full`. */
  dropped?(reason: string): void;
  /** Counts an end of the program for a bound that it broke: `memory`. */
  failed?(reason: string): void;
}

/** Events that may wait for the one before them. */
const maxWaiting = 64;
const maxLineBytes = 16 * 1024 * 1024;
const retryMs = { first: 250, longest: 30_000 };

/**
 * Keeps a trigger's program running and hands its events on, one after the other. An event is answered for only when it is
 * durable: over HTTP by 200, and on stdout by reading on.
 */
export class TriggerRunner {
  readonly #settings: TriggerSettings;
  readonly #deps: TriggerDeps;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  #taken = 0;
  #health: Health = { status: "warning", message: "The trigger is not running yet." };

  constructor(settings: TriggerSettings, deps: TriggerDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  /** Runs until the signal aborts. Throws `plugin.bad_input` where the input does not fit; then nothing was started. */
  async run(): Promise<void> {
    const { plugin, dispatcher, command, signal, log, clock, seen, runDir } = this.#deps;
    const { id, minRestartMs, maxRestartMs } = this.#settings;
    const component = plugin.component({ kind: "trigger", id });
    // Whoever posts is only told; the vendor's runtime looks at no answer.
    const route = dispatcher.route((message) =>
      this.accept(message).catch((error: unknown) => {
        this.#leftOut(error);
        throw error;
      }),
    );
    const start: StepStart = {
      kind: "trigger",
      ...this.#settings,
      dispatcher: { url: route.url, webhook_url: "" },
    };
    plugin.checkStart(component, start);
    const message = JSON.stringify(startMessage(start));
    if (runDir !== undefined) reapOrphans(runDir, log);
    let lines = new LineStream(maxLineBytes);
    let usage: ReturnType<typeof watchUsage> | undefined;
    let tooLarge = false;
    try {
      await keepRunning(
        {
          command: () => ({ ...childCommand(command, ["run"]), input: message, endGroup: true }),
          take: async (chunk) => {
            for (const { raw } of lines.take(chunk)) await this.#line(raw);
          },
          rest: async () => {
            const last = lines.rest();
            if (last) await this.#line(last.raw);
          },
          started: (pid) => {
            if (runDir !== undefined && pid !== undefined) notePlugin(runDir, id, pid);
            tooLarge = false;
            usage = watchUsage(pid, (bytes) => {
              if (bytes <= command.maxMemoryBytes || pid === undefined) return;
              tooLarge = true;
              signalGroup(pid, "SIGKILL");
            });
            lines = new LineStream(maxLineBytes);
            seen?.nextRun();
            this.#health = { status: "healthy", message: `It runs and has sent ${this.#taken} events.` };
          },
          ended: (exit) => {
            usage?.stop();
            if (tooLarge) this.#deps.failed?.("memory");
            const how = tooLarge
              ? "it took more memory than it may"
              : (exit.error ?? (exit.signal === null ? `exit code ${exit.code}` : exit.signal));
            this.#health = { status: "warning", message: `The trigger ended (${how}) and is started again.` };
            log.warn(
              {
                trigger: id,
                how,
                code: exit.code,
                signal: exit.signal,
                error: exit.error,
                stderr: exit.stderr,
              },
              "A trigger ended; it is started again.",
            );
          },
          minRestartMs,
          maxRestartMs,
        },
        { signal, log: quietLog(log), clock },
      );
    } finally {
      usage?.stop();
      route.close();
      if (runDir !== undefined) forgetPlugin(runDir, id);
      await this.#last.catch(() => {});
    }
  }

  health(): Health {
    return this.#health;
  }

  /**
   * Takes a trigger_event message; resolves when it is durable or is a repeat. Throws `plugin.bad_output` where it does not
   * fit, and `plugin.failed` (retry) where too many wait.
   */
  accept(message: unknown): Promise<void> {
    if (this.#waiting >= maxWaiting) {
      this.#deps.dropped?.("queue_full");
      return Promise.reject(hostError("plugin.failed", "Too many events wait already.", { again: true }));
    }
    this.#waiting++;
    const done = this.#last.then(() => this.#take(message)).finally(() => this.#waiting--);
    this.#last = done.catch(() => {});
    return done;
  }

  async #take(message: unknown): Promise<void> {
    const { plugin, seen, dropped } = this.#deps;
    const { id } = this.#settings;
    const event = readEvent(message, "trigger");
    const output = event.output ?? {};
    try {
      if (!event.ok) throw hostError("plugin.bad_output", "The trigger sent an event that is an error.");
      plugin.checkOutput(plugin.component({ kind: "trigger", id }), event);
    } catch (error) {
      dropped?.("bad_output");
      throw error;
    }
    const key = seen ? keyOf(output) : "";
    if (seen?.isRepeat(key)) {
      dropped?.("repeat");
      return;
    }
    await seen?.begin(key, this.#deps.place?.next() ?? 0);
    await this.#deliver({ trigger: id, output, log: event.log, meta: event.meta });
    await seen?.add(key);
    this.#taken++;
    this.#health = { status: "healthy", message: `It runs and has sent ${this.#taken} events.` };
  }

  /** Tries until the event is durable, or the signal aborts. */
  async #deliver(event: TriggerEvent): Promise<void> {
    const { signal, log, dispatch } = this.#deps;
    const backoff = new Backoff(retryMs.first, retryMs.longest);
    for (;;) {
      try {
        return await dispatch(event);
      } catch (error) {
        if (signal.aborted) throw hostError("plugin.failed", "Vedette stops.", { again: true, error });
        this.#health = { status: "warning", message: `An event cannot be kept yet: ${messageOf(error)}` };
        log.warn(
          { error, trigger: event.trigger },
          "An event of a trigger could not be kept; it is tried again.",
        );
        await wait(backoff.next(), signal);
      }
    }
  }

  /** Plugins that have no dispatcher, or were told to debug, write events to stdout, among other things. */
  async #line(text: string): Promise<void> {
    if (!text.startsWith("{")) return;
    try {
      const message: unknown = JSON.parse(text);
      if ((message as { type?: unknown }).type === "trigger_event") await this.accept(message);
    } catch (error) {
      this.#leftOut(error);
    }
  }

  #leftOut(error: unknown): void {
    const { log } = this.#deps;
    log.warn({ error, trigger: this.#settings.id }, "A trigger sent an event that is left out.");
  }
}
