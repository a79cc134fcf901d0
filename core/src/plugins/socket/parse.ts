import type { DynamicAnswer, DynamicCall, DynamicHost, JsonObject } from "../../pipeline/index.ts";
import { decodeDraft, decodeLogs, encodeLogs, encodeTransform, type StepBytes, stepBytes } from "./draft.ts";
import { methods } from "./kinds.ts";
import type { PluginClient } from "./plugin-client.ts";

/** Logs, and bytes of them, that go in one call of the service for many. */
const maxBatchLogs = 512;
const maxBatchBytes = 1 << 20;
const maxClients = 256;

interface Waiting {
  readonly json: string;
  readonly root: JsonObject;
  readonly resolve: (answer: DynamicAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Logs of one step that wait to go together. */
interface Bundle {
  readonly step: StepBytes;
  waiting: Waiting[];
  bytes: number;
}

/** Calls parsing plugins: one log a call, or many where the plugin offers that. */
export class ParsingCalls implements DynamicHost {
  readonly #client: (plugin: string) => PluginClient;
  readonly #clients = new Map<string, PluginClient>();
  readonly #steps = new WeakMap<object, StepBytes>();
  readonly #bare = new Map<string, StepBytes>();
  /** By connection: whether there is a service for many. */
  readonly #offers = new WeakMap<object, boolean | Promise<boolean>>();
  readonly #bundles = new WeakMap<StepBytes, Bundle>();

  constructor(client: (plugin: string) => PluginClient) {
    this.#client = client;
  }

  parse(call: DynamicCall): Promise<DynamicAnswer> {
    let client = this.#clients.get(call.plugin);
    if (!client) {
      client = this.#client(call.plugin);
      if (this.#clients.size < maxClients) this.#clients.set(call.plugin, client);
    }
    const { connection } = client;
    const offers = connection && this.#offers.get(connection);
    if (offers === true) return this.#together(client, call);
    if (offers === false) return this.#alone(client, call);
    return this.#first(client, call);
  }

  /** Asks a connection once what it offers. */
  async #first(client: PluginClient, call: DynamicCall): Promise<DynamicAnswer> {
    const { connection } = client;
    let offers = connection && this.#offers.get(connection);
    if (connection && offers === undefined) {
      const asking = client.offers(methods.parseLogs);
      this.#offers.set(connection, asking);
      offers = await asking;
      if (client.connection === connection) this.#offers.set(connection, offers);
    }
    return (await offers) ? this.#together(client, call) : this.#alone(client, call);
  }

  async #alone(client: PluginClient, call: DynamicCall): Promise<DynamicAnswer> {
    const step = this.#step(call);
    const answer = await client.unary(
      methods.parse,
      encodeTransform(JSON.stringify(call.root), call.errors, step),
    );
    try {
      return decodeDraft(answer, call.errors);
    } catch (error) {
      throw client.spoilt((error as Error).message);
    }
  }

  #together(client: PluginClient, call: DynamicCall): Promise<DynamicAnswer> {
    const step = this.#step(call);
    let bundle = this.#bundles.get(step);
    if (!bundle) {
      bundle = { step, waiting: [], bytes: 0 };
      this.#bundles.set(step, bundle);
    }
    const made = bundle;
    return new Promise((resolve, reject) => {
      const json = JSON.stringify(call.root);
      made.waiting.push({ json, root: call.root, resolve, reject });
      made.bytes += json.length;
      if (made.waiting.length >= maxBatchLogs || made.bytes >= maxBatchBytes) void this.#send(client, made);
      // What else comes in this turn goes along.
      else if (made.waiting.length === 1) setImmediate(() => void this.#send(client, made));
    });
  }

  async #send(client: PluginClient, bundle: Bundle): Promise<void> {
    const { waiting, step } = bundle;
    if (waiting.length === 0) return;
    bundle.waiting = [];
    bundle.bytes = 0;
    try {
      const bytes = await client.unary(
        methods.parseLogs,
        encodeLogs(
          waiting.map(({ json }) => json),
          step,
        ),
      );
      const answers = read(
        client,
        bytes,
        waiting.map(({ root }) => root),
      );
      for (const [index, { resolve, reject }] of waiting.entries()) {
        const answer = answers[index]!;
        if (answer instanceof Error) reject(client.spoilt(answer.message));
        else resolve(answer);
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error as Error);
    }
  }

  #step(call: DynamicCall): StepBytes {
    const { params, plugin } = call;
    const key = typeof params === "object" && params !== null ? params : undefined;
    let step = key ? this.#steps.get(key) : this.#bare.get(plugin);
    if (!step) {
      step = stepBytes(call);
      if (key) this.#steps.set(key, step);
      else this.#bare.set(plugin, step);
    }
    return step;
  }
}

function read(client: PluginClient, bytes: Buffer, roots: readonly JsonObject[]): (DynamicAnswer | Error)[] {
  try {
    return decodeLogs(bytes, roots);
  } catch (error) {
    throw client.spoilt((error as Error).message);
  }
}
