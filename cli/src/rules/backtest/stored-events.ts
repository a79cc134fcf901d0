import type { Event } from "@vedette/sdk";
import { apiAddress, askApi } from "../../live/api.ts";

/** Events in one answer of the API. */
const pageSize = 1_000;
/** What the API takes of one filter; beyond that all events are read. */
const maxValues = 100;
const maxFilter = 2_000;

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
    const response = await askApi(address, key === undefined ? {} : { key }, signal);
    const page = (await response.json()) as {
      readonly items: readonly Event[];
      readonly next?: string | null;
    };
    yield page.items;
    if (!page.next) return;
    address.searchParams.set("cursor", page.next);
  }
}

const escaped = (value: string): string => value.replaceAll(/[\\,]/g, "\\$&");
