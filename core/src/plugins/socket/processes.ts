import type { Deps } from "@vedette/sdk";
import { wait } from "@vedette/sdk/input";
import type { SocketPluginsConfig } from "./config.ts";
import type { Executable } from "./executables.ts";
import { ofSocketName, servingKinds, socketName } from "./kinds.ts";
import { PluginProcess, type ProcessDeps } from "./plugin-process.ts";
import { listenerOf } from "./proc.ts";
import { isLocked, namesIn, removeStaleLock } from "./work-dir.ts";

const looksEveryMs = 50;
/** One that opens no socket and reads no configuration for so long is an input plugin at work. */
const quietMs = 1_500;
const lockLooksEveryMs = 10_000;

/** The programs of a folder, each kept running, started one after the other. */
export class Processes {
  readonly #config: SocketPluginsConfig;
  readonly #deps: Deps;
  readonly #all: readonly PluginProcess[];
  #turn: Promise<void> = Promise.resolve();
  #running: Promise<unknown> | undefined;

  /** `placeOf` says where a program works and what confines it. */
  constructor(
    programs: readonly Executable[],
    placeOf: (program: string) => Pick<ProcessDeps, "dir" | "confinement">,
    config: SocketPluginsConfig,
    deps: Deps,
  ) {
    this.#config = config;
    this.#deps = deps;
    const more = {
      ...deps,
      config,
      turn: () => this.#nextTurn(),
      ready: (one: PluginProcess) => this.#ready(one),
    };
    this.#all = programs.map(
      (executable) => new PluginProcess(executable, { ...more, ...placeOf(executable.name) }),
    );
  }

  get all(): readonly PluginProcess[] {
    return this.#all;
  }

  start(): void {
    this.#running ??= Promise.all([...this.#all.map((each) => each.run()), this.#watchLock()]);
  }

  /** Resolves after all have ended, which they do when the signal aborts. */
  async stopped(): Promise<void> {
    await this.#running;
  }

  /** The process that serves the sockets of a name: of the same name, else the one that listens. */
  serving(plugin: string): PluginProcess | undefined {
    const named = this.#all.find(({ name }) => name === plugin);
    if (named) return named;
    const pids = this.#all.flatMap(({ pid }) => pid ?? []);
    for (const kind of servingKinds) {
      const pid = listenerOf(socketName(plugin, kind), pids);
      if (pid !== undefined) return this.#all.find((each) => each.pid === pid);
    }
    return undefined;
  }

  /** Where the sockets of a plugin are looked for: first with the program of its name, then with the others. */
  socketFolders(plugin: string): string[] {
    const named = this.#all.filter(({ name }) => name === plugin);
    return [...new Set([...named, ...this.#all].map(({ dir }) => dir.sockets))];
  }

  /** True while a plugin may be about to serve: its own program, or any that is not ready, is started or started again. */
  isComing(plugin: string): boolean {
    if (this.#deps.signal.aborted) return false;
    const named = this.#all.find(({ name }) => name === plugin);
    if (named) return !named.isBroken;
    // A program may serve a socket of another name.
    return this.#all.some((each) => !each.isBroken && (each.pid === undefined || each.starts === 0));
  }

  kill(plugin: string, why: string): void {
    const process = this.serving(plugin);
    if (!process) return;
    this.#deps.log.error({ plugin, why }, "A plugin does not answer and is started again.");
    process.kill(why);
  }

  async #nextTurn(): Promise<() => void> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = before.then(() => promise);
    await before;
    return resolve;
  }

  /** Waits until a plugin serves a socket, or has read its configuration and serves none. */
  async #ready(one: PluginProcess): Promise<void> {
    const { signal } = this.#deps;
    const until = performance.now() + this.#config.startSeconds * 1_000;
    let quietSince = performance.now();
    while (!signal.aborted && performance.now() < until) {
      if (one.pid === undefined || serves(one.dir.sockets, one.pid)) return;
      if (isLocked(one.dir)) quietSince = performance.now();
      if (performance.now() - quietSince > quietMs) return;
      await wait(looksEveryMs, signal);
    }
  }

  async #watchLock(): Promise<void> {
    const { signal } = this.#deps;
    while (!signal.aborted) {
      await wait(lockLooksEveryMs, signal);
      for (const { dir } of this.#all) removeStaleLock(dir, false);
    }
  }
}

const serves = (sockets: string, pid: number): boolean =>
  namesIn(sockets).some((file) => ofSocketName(file) !== undefined && listenerOf(file, [pid]) !== undefined);
