import { type ChildProcess, spawn } from "node:child_process";
import { hostname } from "node:os";
import { type Deps, messageOf } from "@vedette/sdk";
import { Backoff, wait } from "@vedette/sdk/input";
import { type Confinement, type Launch, launched } from "../isolation/index.ts";
import type { SocketPluginsConfig } from "./config.ts";
import type { Executable } from "./executables.ts";
import { forgetPlugin, notePlugin, signalGroup } from "./orphans.ts";
import { processFacts } from "./proc.ts";
import { SaidLines } from "./said.ts";
import type { WorkDir } from "./work-dir.ts";

const firstRestartMs = 250;
const longestRestartMs = 30_000;
/** A plugin that ran this long is not failing again and again. */
const steadyMs = 60_000;
/** After so many ends in a row it is left alone for a while. */
const maxEnds = 6;
const breakMs = 5 * 60_000;
const looksEveryMs = 1_000;

export interface ProcessDeps extends Deps {
  /** Its work folder: that of all, or its own. */
  readonly dir: WorkDir;
  readonly confinement: Confinement | undefined;
  readonly config: SocketPluginsConfig;
  /** Waits for this plugin's turn to start, and resolves with what ends the turn. */
  readonly turn: () => Promise<() => void>;
  /** Resolves when a plugin that was just started is ready, or long enough was waited. */
  readonly ready: (process: PluginProcess) => Promise<void>;
}

/** Keeps one plugin's program running. */
export class PluginProcess {
  readonly executable: Executable;
  readonly #deps: ProcessDeps;
  readonly #backoff = new Backoff(firstRestartMs, longestRestartMs);
  #child: ChildProcess | undefined;
  #ends = 0;
  /** Why the last one ended. */
  #ended: string | undefined;
  #killedFor: string | undefined;
  #startedAt = 0;
  #brokenUntil = 0;
  #cpuBefore = 0;
  #rssBytes = 0;
  #cpuSeconds = 0;
  starts = 0;

  constructor(executable: Executable, deps: ProcessDeps) {
    this.executable = executable;
    this.#deps = deps;
  }

  get name(): string {
    return this.executable.name;
  }

  get dir(): WorkDir {
    return this.#deps.dir;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get rssBytes(): number | undefined {
    return this.#child && this.#rssBytes;
  }

  /** Of all its runs. */
  get cpuSeconds(): number {
    return this.#cpuBefore + this.#cpuSeconds;
  }

  /** Why it does not run, where it should, or why it ended shortly ago. */
  get problem(): string | undefined {
    if (this.executable.problem !== undefined) return this.executable.problem;
    if (this.#child) {
      const isNew = this.#deps.clock.now() - this.#startedAt < steadyMs;
      return isNew && this.#ended !== undefined
        ? `It runs again. Before, it ended: ${this.#ended}`
        : undefined;
    }
    const seconds = Math.ceil((this.#brokenUntil - this.#deps.clock.now()) / 1_000);
    if (seconds > 0)
      return `It ended ${this.#ends} times in a row and is left alone for ${seconds} s: ${this.#ended}`;
    return this.#ended;
  }

  get isBroken(): boolean {
    return this.executable.problem !== undefined || this.#brokenUntil > this.#deps.clock.now();
  }

  /** Runs it until the signal aborts; resolves after it has ended. Never rejects. */
  async run(): Promise<void> {
    const { signal, log, clock, dir } = this.#deps;
    const plugin = this.name;
    if (this.executable.problem !== undefined) {
      log.error({ plugin, problem: this.executable.problem }, "A plugin is not started.");
      return;
    }
    while (!signal.aborted) {
      const done = await this.#deps.turn();
      const exited = signal.aborted ? undefined : this.#start();
      const began = clock.now();
      // Nobody waits for one that ended at once.
      if (exited) await Promise.race([this.#deps.ready(this), exited]);
      done();
      if (!exited) return;
      const ended = await this.#watched(exited);
      forgetPlugin(dir.run, plugin);
      if (signal.aborted) return;
      if (clock.now() - began >= steadyMs) {
        this.#ends = 0;
        this.#backoff.reset();
      }
      this.#ended = ended;
      const broken = ++this.#ends >= maxEnds;
      const retryInMs = broken ? breakMs : this.#backoff.next();
      this.#brokenUntil = broken ? clock.now() + retryInMs : 0;
      log.warn(
        { plugin, ended, retryInMs: Math.round(retryInMs) },
        "A plugin has ended and is started again.",
      );
      await wait(retryInMs, signal);
      if (broken) {
        // One try; where that fails too, it is left alone again.
        this.#ends = maxEnds - 1;
        this.#brokenUntil = 0;
      }
    }
  }

  /** Ends this run at once; it is started again. */
  kill(why: string): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    this.#killedFor = why;
    signalGroup(pid, "SIGKILL");
  }

  #start(): Promise<string> {
    const { config, dir, log, confinement } = this.#deps;
    const { file, name } = this.executable;
    // Where the system cannot end it with its host, the next host does (orphans.ts).
    const launch = { argv: [file], cwd: dir.root, env: environmentOf(config, dir) };
    this.starts++;
    let command: Launch;
    try {
      command = launched(launch, confinement);
    } catch (error) {
      return Promise.resolve(`It could not be started: ${messageOf(error)}`);
    }
    const { argv, cwd, env } = command;
    this.#killedFor = undefined;
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd,
      env: { ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#child = child;
    this.#startedAt = this.#deps.clock.now();
    const said = new SaidLines(name, log);
    said.follow(child.stdout, "stdout");
    said.follow(child.stderr, "stderr");
    if (child.pid !== undefined) notePlugin(dir.run, name, child.pid);
    log.info({ plugin: name, pid: child.pid }, "A plugin was started.");
    return new Promise((resolve) => {
      const gone = (why: string): void => {
        if (this.#child !== child) return;
        // What it has started itself must not go on without it.
        if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
        this.#child = undefined;
        this.#cpuBefore += this.#cpuSeconds;
        this.#cpuSeconds = 0;
        resolve(said.last === "" ? why : `${why} Its last words: ${said.last}`);
      };
      child.once("error", (error) => gone(`It could not be started: ${messageOf(error)}.`));
      child.once("exit", (code, signal) =>
        gone(
          this.#killedFor ?? (signal === null ? `It ended with code ${code}.` : `It was ended by ${signal}.`),
        ),
      );
    });
  }

  /** Looks after a run until it ends; asks it to, then makes it, when the signal aborts. */
  async #watched(exited: Promise<string>): Promise<string> {
    const { signal, config } = this.#deps;
    const timers: NodeJS.Timeout[] = [setInterval(() => this.#look(), looksEveryMs).unref()];
    const stop = (): void => {
      const pid = this.#child?.pid;
      if (pid === undefined) return;
      signalGroup(pid, "SIGTERM");
      timers.push(setTimeout(() => signalGroup(pid, "SIGKILL"), config.stopSeconds * 1_000));
    };
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const ended = await exited;
    signal.removeEventListener("abort", stop);
    for (const timer of timers) clearInterval(timer);
    return ended;
  }

  #look(): void {
    const facts = this.#child?.pid === undefined ? undefined : processFacts(this.#child.pid);
    if (!facts) return;
    this.#rssBytes = facts.rssBytes;
    this.#cpuSeconds = facts.cpuSeconds;
    const { memoryMiB } = this.#deps.config;
    const MiB = Math.ceil(facts.rssBytes / 2 ** 20);
    if (MiB > memoryMiB)
      this.kill(`It used ${MiB} MiB of memory, and may use ${memoryMiB} (socketPlugins.memoryMiB).`);
  }
}

const inherited = [
  "PATH",
  "HOME",
  "TZ",
  "LANG",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
];

/** All of a plugin's environment. The SDK panics without some of it, so that all of it is always there. */
function environmentOf(config: SocketPluginsConfig, dir: WorkDir): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return {
    ...env,
    ...config.environment,
    WORK_DIR: dir.root,
    NODE_NAME: config.nodeName ?? hostname(),
    NODE_GROUPS: config.nodeGroups.join(","),
    LOG_LEVEL: String(config.logLevel),
    MODE: config.mode,
  };
}
