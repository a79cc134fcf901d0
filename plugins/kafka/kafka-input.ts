import { hash } from "node:crypto";
import {
  eventId,
  type Health,
  type Input,
  type InputDeps,
  type InputLog,
  type InputSink,
  idPrefix,
  messageOf,
  textOf,
} from "@vedette/sdk";
import { KafkaClient, type KafkaMessage } from "./client.ts";
import { Partitions } from "./partitions.ts";
import type { Settings } from "./settings.ts";

const factBytes = 1_024;

/** A partition as a source of logs. */
interface Source {
  readonly topic: string;
  readonly partition: number;
  readonly name: string;
  readonly idPrefix: string;
}

/** Reads topics as a member of a consumer group, and commits what is on disk. */
export class KafkaInput implements Input {
  readonly #settings: Settings;
  readonly #deps: InputDeps;
  readonly #partitions = new Partitions();
  readonly #sources = new Map<string, Source>();
  readonly #byName = new Map<string, Source>();
  #client!: KafkaClient;
  #topicIds: ReadonlyMap<string, string> = new Map();
  #committing: Promise<void> | undefined;
  #health: Health = { status: "warning", message: "Not a member of the consumer group yet." };

  static async open(settings: Settings, deps: InputDeps): Promise<KafkaInput> {
    const input = new KafkaInput(settings, deps);
    const clientId = `vedette-${hash("sha256", `${deps.agentId}\n${deps.inputId}`, "hex").slice(0, 15)}`;
    input.#client = await KafkaClient.open(settings, clientId, deps.baseDir, {
      assigned: (partitions) => {
        input.#partitions.assigned(partitions);
        const message = `Member of the group ${settings.groupId} with ${partitions.length} partitions.`;
        input.#health = { status: "healthy", message };
        deps.log.info(
          { groupId: settings.groupId, partitions: partitions.length },
          "A consumer group has shared out its partitions.",
        );
      },
    });
    try {
      input.#topicIds = await input.#client.topicIds();
    } catch (error) {
      await input.close();
      throw error;
    }
    return input;
  }

  private constructor(settings: Settings, deps: InputDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  async run(sink: InputSink): Promise<void> {
    for await (const message of this.#client.messages(this.#deps.signal)) {
      const source = this.#sourceOf(message);
      const verdict = this.#partitions.take(message, () => this.#deps.checkpoint(source.name)?.end);
      if (verdict === "seen") continue;
      const full = this.#push(sink, message, source);
      if (full) await full;
    }
  }

  durable({ source, end }: { readonly source: string; readonly end: number }): void {
    const known = this.#byName.get(source);
    if (!known) return;
    this.#partitions.durable(known.topic, known.partition, end);
    this.#committing ??= this.#commit().finally(() => {
      this.#committing = undefined;
    });
  }

  health(): Health {
    return this.#health;
  }

  async close(): Promise<void> {
    await this.#committing;
    await this.#commit();
    await this.#client.close();
  }

  /** Commits until nothing is due. A refused commit is not repeated before more is durable: the group may have moved on. */
  async #commit(): Promise<void> {
    for (let due = this.#partitions.due(); due.length > 0; due = this.#partitions.due()) {
      try {
        await this.#client.commit(due);
        this.#partitions.committed(due);
      } catch (error) {
        this.#deps.failed("commit");
        this.#deps.log.warn({ reason: messageOf(error) }, "A consumer group did not take the place reached.");
        return;
      }
    }
  }

  #push(sink: InputSink, message: KafkaMessage, source: Source): void | Promise<void> {
    const { dataType, dataSource, clock, flawed, dropped } = this.#deps;
    const { offset, value } = message;
    if (value === undefined || value.length === 0) {
      dropped("empty", 1);
      return;
    }
    const { raw, flaw, kind } = textOf(value, this.#settings.maxRecordBytes);
    if (kind !== undefined) flawed(kind);
    const log: InputLog = {
      id: eventId(source.idPrefix, offset),
      dataType,
      dataSource,
      time: clock.now(),
      raw,
      position: { source: source.name, offset, end: offset + 1 },
      facts: this.#factsOf(message),
    };
    return sink.push(flaw === undefined ? log : { ...log, flaw });
  }

  #factsOf({ topic, partition, offset, timestamp, key, headers }: KafkaMessage): Record<string, string> {
    const facts: Record<string, string> = { topic, partition: String(partition), offset: String(offset) };
    if (timestamp > 0 && timestamp < 8.64e15) facts["time"] = new Date(timestamp).toISOString();
    if (this.#settings.key && key !== undefined) facts["key"] = textOf(key, factBytes).raw;
    if (this.#settings.headers.length === 0) return facts;
    for (const [header, value] of headers) {
      const name = header.toString("utf8");
      if (this.#settings.headers.includes(name)) facts[`header_${name}`] = textOf(value, factBytes).raw;
    }
    return facts;
  }

  /** A source is named after the topic's identity; the id of an event does not depend on the agent that reads it. */
  #sourceOf({ topic, partition }: KafkaMessage): Source {
    const key = `${topic}/${partition}`;
    let source = this.#sources.get(key);
    if (!source) {
      const topicId = this.#topicIds.get(topic) ?? hash("sha256", topic, "hex").slice(0, 32);
      const place = `${topicId}/${partition}`;
      const name = `${this.#deps.inputId}/${place}`;
      source = { topic, partition, name, idPrefix: idPrefix("kafka", place) };
      this.#sources.set(key, source);
      this.#byName.set(name, source);
    }
    return source;
  }
}
