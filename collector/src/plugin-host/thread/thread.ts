import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type ConnectionDeps, messageOf, type PluginContext } from "@vedette/sdk";
import { Backoff } from "@vedette/sdk/input";
import { errorOf, type FromThread, type ThreadStart, type ToThread, thrownOf } from "./protocol.ts";

/** What a hook may be given: everything, or what a connection works with. */
export type AnyContext = PluginContext<unknown> | ConnectionDeps;

export interface ThreadOptions extends ThreadStart {
  readonly memoryMiB: number;
  /** Gives the settings of a connection of the plugin. */
  readonly connection: (kind: string, name: string, context: PluginContext<unknown>) => Promise<unknown>;
}

/** How a plugin's thread is. */
export interface ThreadStats {
  readonly isRunning: boolean;
  /** Times it was started after the first. */
  readonly restarts: number;
  readonly heapBytes: number;
  /** Of all its runs. */
  readonly cpuSeconds: number;
}

interface Call extends PromiseWithResolvers<unknown> {
  readonly context: AnyContext;
}

/** What a call gets to end by itself when its time is over; then the thread is ended. */
const graceMs = 1_000;
const [firstRestartMs, longestRestartMs, steadyMs] = [500, 60_000, 60_000];
const measureEveryMs = 5_000;
/** Of our environment it sees these; secrets are in others. */
const seen = ["PATH", "HOME", "TZ", "LANG", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS"];
const isSource = import.meta.url.endsWith(".ts");

/**
 * A thread that runs the hooks of one plugin. It is started by the first call, ended where a call does not heed that its time is
 * over, and started again, later and later, by the next call.
 */
export class PluginThread {
  readonly #options: ThreadOptions;
  readonly #calls = new Map<number, Call>();
  readonly #backoff = new Backoff(firstRestartMs, longestRestartMs);
  #worker: Worker | undefined;
  #ended = "";
  #startedAt = 0;
  #notBefore = 0;
  #starts = 0;
  #lastCall = 0;
  #heapBytes = 0;
  #cpuBefore = 0;
  #cpuSeconds = 0;
  #measuring: NodeJS.Timeout | undefined;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /** Calls a function of the plugin. Rejects with what it threw, and with a sentence where the thread ended. */
  async call(path: readonly string[], args: readonly unknown[], context: AnyContext): Promise<unknown> {
    const worker = this.#worker ?? this.#start();
    const call = ++this.#lastCall;
    const settings = "settings" in context ? context.settings : undefined;
    const waiting: Call = { ...Promise.withResolvers<unknown>(), context };
    this.#send(worker, { call, path, args, settings });
    this.#calls.set(call, waiting);
    const { signal } = context;
    let killing: NodeJS.Timeout | undefined;
    const abort = (): void => {
      this.#send(worker, { abort: call });
      const late = (): void => this.#kill(worker, `${path.join(".")} did not end when its time was over`);
      killing = setTimeout(late, graceMs);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(killing);
      signal.removeEventListener("abort", abort);
      this.#calls.delete(call);
    }
  }

  stats(): ThreadStats {
    return {
      isRunning: this.#worker !== undefined,
      restarts: Math.max(0, this.#starts - 1),
      heapBytes: this.#worker ? this.#heapBytes : 0,
      cpuSeconds: this.#cpuBefore + this.#cpuSeconds,
    };
  }

  /** Ends it. The next call would start it again. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    this.#gone(worker, "it was stopped");
    await worker.terminate();
  }

  #send(worker: Worker, message: ToThread): void {
    worker.postMessage(message);
  }

  #start(): Worker {
    const now = performance.now();
    if (now < this.#notBefore)
      throw new Error(
        `Its thread ended (${this.#ended}) and is not started again before ${Math.ceil((this.#notBefore - now) / 1_000)} s are over.`,
      );
    const { place, allow, memoryMiB } = this.#options;
    const workerData: ThreadStart = { place, allow };
    const worker = new Worker(
      fileURLToPath(new URL(isSource ? "./worker.ts" : "./worker.js", import.meta.url)),
      {
        workerData,
        name: `plugin ${place}`.slice(0, 100),
        execArgv: isSource ? ["--conditions=@vedette/source"] : [],
        env: Object.fromEntries(seen.flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : []))),
        resourceLimits: { maxOldGenerationSizeMb: memoryMiB, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
      },
    );
    this.#worker = worker;
    this.#startedAt = now;
    this.#starts++;
    // Everything it does is for a call, which waits; it need not keep the process.
    worker.unref();
    worker.on("message", (message: FromThread) => this.#heard(worker, message));
    worker.on("error", (error: unknown) => this.#gone(worker, this.#reason(error)));
    worker.on("exit", (code) => this.#gone(worker, `it ended with code ${code}`));
    this.#measuring = setInterval(() => void this.#measure(worker), measureEveryMs).unref();
    return worker;
  }

  #reason(error: unknown): string {
    return (error as { readonly code?: string }).code === "ERR_WORKER_OUT_OF_MEMORY"
      ? `it used more than ${this.#options.memoryMiB} MiB of memory (collector.pluginThreads.memoryMiB)`
      : messageOf(error);
  }

  #kill(worker: Worker, why: string): void {
    this.#gone(worker, why);
    void worker.terminate();
  }

  #gone(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    clearInterval(this.#measuring);
    this.#worker = undefined;
    this.#ended = why;
    this.#cpuBefore += this.#cpuSeconds;
    this.#cpuSeconds = 0;
    const now = performance.now();
    if (now - this.#startedAt >= steadyMs) this.#backoff.reset();
    this.#notBefore = now + this.#backoff.next();
    for (const { reject } of this.#calls.values()) reject(new Error(`The plugin's thread ended: ${why}.`));
  }

  async #measure(worker: Worker): Promise<void> {
    try {
      const [heap, cpu] = await Promise.all([worker.getHeapStatistics(), worker.cpuUsage()]);
      if (this.#worker !== worker) return;
      this.#heapBytes = heap.used_heap_size;
      this.#cpuSeconds = (cpu.user + cpu.system) / 1e6;
    } catch {
      // It has ended meanwhile.
    }
  }

  #heard(worker: Worker, message: FromThread): void {
    if (this.#worker !== worker) return;
    if ("done" in message) {
      const call = this.#calls.get(message.done);
      if ("error" in message) call?.reject(errorOf(message.error));
      else call?.resolve(message.value);
      return;
    }
    const context = this.#calls.get(message.call)?.context;
    if ("ask" in message) {
      const answer = message.ask;
      this.#answer(message, context).then(
        (value) => this.#send(worker, { answer, value }),
        (error: unknown) => this.#send(worker, { answer, error: thrownOf(error) }),
      );
    } else if (message.tell === "backlog") {
      if (context && "backlog" in context) context.backlog(message.left as never);
    } else context?.log[message.level](message.fields, message.message);
  }

  async #answer(
    { what, args }: Extract<FromThread, { ask: number }>,
    context: AnyContext | undefined,
  ): Promise<unknown> {
    if (!context || !("state" in context)) throw new Error("The call that asked for it has ended.");
    const [first, second] = args;
    const { state } = context;
    switch (what) {
      case "state.get":
        return state.get(String(first));
      case "state.set":
        return state.set(String(first), second);
      case "state.delete":
        return state.delete(String(first));
      case "emit":
        return context.emit(...(args as never[]));
      case "exportAsset":
        return context.exportAsset(first as never);
      case "assets.list":
        return context.assets.list();
      case "assets.released":
        return context.assets.released(first as never);
      case "connection":
        return this.#options.connection(String(first), String(second), context);
    }
  }
}
