import { rateLimited } from "@vedette/core/telemetry";
import type { Deps } from "@vedette/sdk";
import { pause } from "../bounded/index.ts";
import type { Cases } from "./cases.ts";
import type { ControlStore } from "./control-store.ts";
import { type CompiledControl, compileControl } from "./controls.ts";
import type { Inhibitions } from "./inhibitions.ts";
import type { Releases } from "./releases.ts";
import type { Screen } from "./screen.ts";

interface Options {
  readonly controls: ControlStore;
  readonly cases: Cases;
  readonly screen: Screen;
  readonly inhibitions: Inhibitions;
  readonly releases: Releases;
  /** Who remembers alerts: told which were closed. */
  readonly onClosed: (alertId: string) => void;
}

const everyMs = 1_000;

/**
 * Looks every second whether somebody, here or at another collector, changed what alerts are judged by, or closed alerts. What
 * is the matter with the control database never stops alerts: they are judged by what was last seen.
 */
export class Watch {
  readonly #options: Options;
  readonly #deps: Deps;
  readonly #warn: (fields: object, message: string) => void;
  #seen: number | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(options: Options, deps: Deps) {
    this.#options = options;
    this.#deps = deps;
    this.#warn = rateLimited((fields, message) => deps.log.warn(fields, message), 30_000, deps.clock.now);
  }

  /** Sees all there is, after looks that were begun before. Rejects where the control database does not answer. */
  look(): Promise<void> {
    const look = this.#last.then(() => this.#look());
    this.#last = look.catch(() => undefined);
    return look;
  }

  async #look(): Promise<void> {
    const { cases, controls, screen, inhibitions, releases, onClosed } = this.#options;
    releases.tick(this.#deps.clock.now());
    const revision = await cases.revision();
    if (revision === this.#seen) return;
    const { seen, now } = { seen: this.#seen, now: this.#deps.clock.now() };
    screen.controls = (await controls.list())
      .filter(({ endsAt }) => endsAt === undefined || endsAt > now)
      .map((control): CompiledControl => compileControl(control));
    // What was closed before this collector began, it read back as closed.
    for (let from = seen ?? revision; from < revision; ) {
      const news = await cases.since(from);
      for (const { kind, id, status } of news) {
        if (kind !== "alert" || status !== "closed") continue;
        inhibitions.close(id);
        onClosed(id);
      }
      from = news.at(-1)?.revision ?? revision;
    }
    this.#seen = revision;
  }

  /** Looks until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(everyMs, signal);
      if (signal.aborted) return;
      try {
        await this.look();
      } catch (error) {
        this.#warn({ error }, "Silences and closed alerts cannot be looked at; what was last seen counts.");
      }
    }
  }
}
