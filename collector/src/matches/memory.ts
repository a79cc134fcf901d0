import type { Alert } from "@vedette/sdk";
import { type StoredAlert, storedAlert } from "../records/index.ts";
import { alertsNow, type Store } from "../store/index.ts";

/** One record of the topic as it is kept in the store. */
export interface KeptRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly partitions: number;
  /** The record's time in the topic, milliseconds since 1970. */
  readonly at: number;
  /** After this no rule looks at it. */
  readonly until: number;
  readonly matches: number;
  readonly value: Buffer;
}

const pageRecords = 200;
const pageAlerts = 1_000;
/** Bounds of what is read back. Older ones are not counted after a restart. */
const maxRecords = 100_000;
const maxAlerts = 200_000;

interface Row {
  readonly at: string;
  readonly offset: string;
  readonly record: string;
}

/** A record read back. */
export interface ReadRecord {
  readonly at: number;
  /** Time of the newest record when it was read: windows end there, so that a backlog after a long outage finds what came before it. */
  readonly newest: number;
  readonly value: Buffer;
}

/** What owners remember beyond a restart: the records of the topic that rules may still look back on, and alerts. */
export class MatchMemory {
  readonly #store: Store;
  readonly #topic: string;

  constructor(store: Store, topic: string) {
    this.#store = store;
    this.#topic = topic;
  }

  async keep(records: readonly KeptRecord[], signal: AbortSignal): Promise<void> {
    const first = records.at(0);
    const last = records.at(-1);
    if (!first || !last) return;
    const rows = records.map(({ offset, at, until, value, ...rest }) => ({
      topic: this.#topic,
      ...rest,
      offset: String(offset),
      at: new Date(at).toISOString(),
      until: new Date(until).toISOString(),
      record: value.toString("base64"),
    }));
    const token = `${this.#topic}/${first.partition}/${first.offset}-${last.offset}:correlation`;
    await this.#store.insertRows("correlation", rows, token, signal);
  }

  /** The number of partitions that the newest record of the topic was placed by; undefined where there is none. */
  async partitions(): Promise<number | undefined> {
    const [row] = await this.#store.query<{ partitions: number }>(
      "SELECT partitions FROM correlation WHERE topic = {topic:String} ORDER BY at DESC LIMIT 1",
      { topic: this.#topic },
    );
    return row?.partitions;
  }

  /** Records of a partition before an offset that were looked back on when the last of them came, in their order. */
  async *before(partition: number, offset: bigint): AsyncGenerator<ReadRecord> {
    const where = "topic = {topic:String} AND partition = {partition:UInt32} AND offset < {end:UInt64}";
    const params = { topic: this.#topic, partition, end: String(offset) };
    const newest = await this.#newest(where, params);
    if (newest === undefined) return;
    const [cut] = await this.#store.query<{ offset: string }>(
      `SELECT offset FROM correlation WHERE ${where} ORDER BY offset DESC LIMIT 1 OFFSET {most:UInt32}`,
      { ...params, most: maxRecords },
    );
    let from = cut === undefined ? 0n : BigInt(cut.offset) + 1n;
    for (;;) {
      const rows = await this.#store.query<Row>(
        `SELECT offset, toUnixTimestamp64Milli(at) AS at, record FROM correlation
         WHERE ${where} AND offset >= {from:UInt64} AND until >= fromUnixTimestamp64Milli({newest:Int64})
         ORDER BY offset LIMIT {page:UInt32}`,
        { ...params, from: String(from), newest, page: pageRecords },
      );
      for (const row of rows) yield read(row, newest);
      const last = rows.at(-1);
      if (!last || rows.length < pageRecords) return;
      from = BigInt(last.offset) + 1n;
    }
  }

  /** Records of topics that were used before this one, and that are still looked back on. In the order of their time. */
  async *ofEarlierTopics(): AsyncGenerator<ReadRecord> {
    const newest = await this.#newest("topic != {topic:String}", { topic: this.#topic });
    if (newest === undefined) return;
    for (let skip = 0; skip < maxRecords; skip += pageRecords) {
      const rows = await this.#store.query<Row>(
        `SELECT offset, toUnixTimestamp64Milli(at) AS at, record FROM correlation
         WHERE topic != {topic:String} AND until >= fromUnixTimestamp64Milli({newest:Int64})
         ORDER BY at, topic, partition, offset LIMIT {page:UInt32} OFFSET {skip:UInt32}`,
        { topic: this.#topic, newest, page: pageRecords, skip },
      );
      for (const row of rows) yield read(row, newest);
      if (rows.length < pageRecords) return;
    }
  }

  async #newest(where: string, params: Readonly<Record<string, unknown>>): Promise<number | undefined> {
    const [row] = await this.#store.query<{ newest: string; found: string }>(
      `SELECT toUnixTimestamp64Milli(max(at)) AS newest, count() AS found FROM correlation WHERE ${where}`,
      params,
    );
    return row && row.found !== "0" ? Number(row.newest) : undefined;
  }

  /** Alerts of some rules since a time, oldest first: the newest 200,000. */
  async *alertsSince(since: number, rules: readonly string[]): AsyncGenerator<Alert> {
    const where = "timestamp >= {since:DateTime64(3)} AND ruleId IN {rules:Array(String)}";
    const params = { since: since / 1_000, rules };
    const [cut] = await this.#store.query<{ at: string }>(
      `SELECT toUnixTimestamp64Milli(timestamp) AS at FROM alerts FINAL WHERE ${where}
       ORDER BY timestamp DESC LIMIT 1 OFFSET {most:UInt32}`,
      { ...params, most: maxAlerts },
    );
    let after = { at: Number(cut?.at ?? -1), id: "" };
    for (;;) {
      const rows = await this.#store.query<StoredAlert & { at: string; id: string }>(
        `SELECT toUnixTimestamp64Milli(timestamp) AS at, id, document, status, hidden FROM ${alertsNow}
         WHERE ${where} AND (at, id) > ({at:Int64}, {id:String}) ORDER BY at, id LIMIT {page:UInt32}`,
        { ...params, ...after, page: pageAlerts },
      );
      for (const row of rows) yield storedAlert(row);
      const last = rows.at(-1);
      if (!last || rows.length < pageAlerts) return;
      after = { at: Number(last.at), id: last.id };
    }
  }
}

const read = ({ at, record }: Row, newest: number): ReadRecord => ({
  at: Number(at),
  newest,
  value: Buffer.from(record, "base64"),
});
