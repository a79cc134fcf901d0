import { apiAddress, askApi } from "../live/api.ts";

/** Where the collector is and with which key it is asked. */
export interface Where {
  readonly url: string;
  readonly key?: string;
}

export type Row = Record<string, unknown>;

export interface Page {
  readonly items: readonly Row[];
  readonly next?: string | null;
}

/** Asks the API of a collector and gives its JSON. */
export async function askJson<T>(
  where: Where,
  path: string,
  options: {
    readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
    readonly change?: unknown;
    /** How the change is sent; PATCH where it says nothing. */
    readonly method?: "POST" | "PUT" | "DELETE";
    readonly signal: AbortSignal;
  },
): Promise<T> {
  const url = apiAddress(where.url, path);
  for (const [name, values] of Object.entries(options.query ?? {}))
    for (const value of values === undefined ? [] : [values].flat()) url.searchParams.append(name, value);
  const { change: body, method = "PATCH" } = options;
  const change = body === undefined ? undefined : { method, body };
  const answer = await askApi(url, where, options.signal, change);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** Lines with columns as wide as what is in them, the last one open. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at]!)))
      .join("  ")
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join("");
}
