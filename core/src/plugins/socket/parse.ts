import type { DynamicAnswer, DynamicCall, DynamicHost, SentDraft } from "../../pipeline/index.ts";
import { decodeDraft, decodeLogs, encodeLogs, encodeTransform, type StepBytes, stepBytes } from "./draft.ts";
import { methods } from "./kinds.ts";
import type { PluginClient } from "./plugin-client.ts";

/** Characters of logs that go in one call of the service for many; how many logs is the caller's to say. */
const maxBatchLength = 1 << 20;
const maxClients = 256;

type Answers = readonly (DynamicAnswer | Error)[];

/** Calls parsing plugins: one log a call, or many where the plugin offers that. */
export class ParsingCalls implements DynamicHost {
  readonly #client: (plugin: string) => PluginClient;
  readonly #clients = new Map<string, PluginClient>();
  readonly #steps = new WeakMap<object, StepBytes>();
  readonly #bare = new Map<string, StepBytes>();
  /** By connection: whether there is a service for many. */
  readonly #offers = new WeakMap<object, Promise<boolean>>();

  constructor(client: (plugin: string) => PluginClient) {
    this.#client = client;
  }

  async parse(call: DynamicCall, drafts: readonly SentDraft[]): Promise<Answers> {
    try {
      let client = this.#clients.get(call.plugin);
      if (!client) {
        client = this.#client(call.plugin);
        if (this.#clients.size < maxClients) this.#clients.set(call.plugin, client);
      }
      const step = this.#step(call);
      if (await this.#offered(client)) return await many(client, step, drafts);
      return await Promise.all(drafts.map((draft) => alone(client, step, draft)));
    } catch (error) {
      return drafts.map(() => error as Error);
    }
  }

  /** Asks a connection once what it offers. */
  async #offered(client: PluginClient): Promise<boolean> {
    const { connection } = client;
    if (!connection) return false;
    let offers = this.#offers.get(connection);
    if (!offers) {
      offers = client.offers(methods.parseLogs);
      this.#offers.set(connection, offers);
    }
    return offers;
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

async function alone(
  client: PluginClient,
  step: StepBytes,
  { root, errors }: SentDraft,
): Promise<DynamicAnswer | Error> {
  try {
    const answer = await client.unary(methods.parse, encodeTransform(JSON.stringify(root), errors, step));
    return spoiltOr(client, () => decodeDraft(answer, errors));
  } catch (error) {
    return error as Error;
  }
}

async function many(client: PluginClient, step: StepBytes, drafts: readonly SentDraft[]): Promise<Answers> {
  const jsons = drafts.map(({ root }) => JSON.stringify(root));
  const parts: Promise<Answers>[] = [];
  for (let from = 0; from < jsons.length; ) {
    let to = from;
    for (
      let length = 0;
      to < jsons.length && (to === from || length + jsons[to]!.length <= maxBatchLength);
      to++
    )
      length += jsons[to]!.length;
    parts.push(part(client, step, jsons.slice(from, to), drafts.slice(from, to)));
    from = to;
  }
  return (await Promise.all(parts)).flat();
}

async function part(
  client: PluginClient,
  step: StepBytes,
  jsons: readonly string[],
  drafts: readonly SentDraft[],
): Promise<Answers> {
  try {
    const bytes = await client.unary(methods.parseLogs, encodeLogs(jsons, step));
    const answers = spoiltOr(client, () => decodeLogs(bytes, drafts));
    if (answers instanceof Error) return drafts.map(() => answers);
    return answers.map((answer) => (answer instanceof Error ? client.spoilt(answer.message) : answer));
  } catch (error) {
    return drafts.map(() => error as Error);
  }
}

function spoiltOr<T>(client: PluginClient, decode: () => T): T | Error {
  try {
    return decode();
  } catch (error) {
    return client.spoilt((error as Error).message);
  }
}
