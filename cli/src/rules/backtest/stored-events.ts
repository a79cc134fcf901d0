import { setTimeout as sleep } from "node:timers/promises";
import type { Event } from "@vedette/sdk";
import { UsageError } from "../../exit.ts";
import { apiAddress, askApi } from "../../live/api.ts";

/** Events in one answer of the API. */
const pageSize = 1_000;
/** What the API takes of one filter; beyond that all events are read. */
const maxValues = 100;
const maxFilter = 2_000;

/** Waits before a page that failed is asked for again, in milliseconds: a collector restarts, or has too many requests. */
const waitsMs = [1_000, 2_000, 4_000, 8_000, 15_000] as const;

export interface StoredOptions {
  readonly url: string;
  readonly key?: string;
  readonly from: string;
  readonly to?: string;
  /** Only events of these data types; all where undefined. */
  readonly dataTypes: readonly string[] | undefined;
}

/** The stored events of a range in order of their time, a page at a time. Throws what the collector says is wrong. */
export async function* storedEvents(
  { url, key, from, to, dataTypes }: StoredOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly Event[]> {
  const address = apiAddress(url, "events");
  const search = { from, ...(to === undefined ? {} : { to }), order: "asc", limit: String(pageSize) };
  for (const [name, value] of Object.entries(search)) address.searchParams.set(name, value);
  const filter = dataTypes && `dataType:in:${dataTypes.map(escaped).join(",")}`;
  if (filter && dataTypes.length <= maxValues && filter.length <= maxFilter)
    address.searchParams.set("filter", filter);
  for (;;) {
    const ask = () => askPage(address, key, signal);
    // What fails at the first page is told at once; later ones have cost time that is not to be lost.
    const page = await (address.searchParams.has("cursor") ? insistently(ask, signal) : ask());
    yield page.items;
    if (!page.next) return;
    address.searchParams.set("cursor", page.next);
  }
}

interface Page {
  readonly items: readonly Event[];
  readonly next?: string | null;
}

async function askPage(address: URL, key: string | undefined, signal: AbortSignal): Promise<Page> {
  const response = await askApi(address, key === undefined ? {} : { key }, signal);
  return (await response.json()) as Page;
}

async function insistently(ask: () => Promise<Page>, signal: AbortSignal): Promise<Page> {
  for (const ms of waitsMs) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted || error instanceof UsageError) throw error;
      await sleep(ms, undefined, { signal });
    }
  }
  return ask();
}

const escaped = (value: string): string => value.replaceAll(/[\\,]/g, "\\$&");
