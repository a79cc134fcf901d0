import { type ClickHouseClient, ClickHouseError } from "@clickhouse/client";
import type { VedetteError } from "@vedette/sdk";

/** The nodes of a cluster, or the one server. All know the same data, and a token drops a repeat at whichever it arrives. */
export class Nodes {
  readonly #clients: readonly ClickHouseClient[];
  #at = 0;

  constructor(clients: readonly ClickHouseClient[]) {
    this.#clients = clients;
  }

  /**
   * Does the work on the node in use. Where that cannot answer, the next one is used from then on: at once where the
   * connection failed, each node once at most; at the next call where the node answered with an error that may pass, or
   * too late. `toldBy` says what an error means.
   */
  async use<T>(
    work: (client: ClickHouseClient) => Promise<T>,
    toldBy: (error: unknown) => VedetteError,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    for (let tried = 1; ; tried++) {
      const at = this.#at;
      try {
        return await work(this.#clients[at]!);
      } catch (error) {
        // Who aborted knows why; a verdict would only invite a retry.
        if (signal?.aborted) throw signal.reason;
        const told = toldBy(error);
        if (told.verdict.verdict !== "retry") throw told;
        if (this.#at === at) this.#at = (at + 1) % this.#clients.length;
        if (tried >= this.#clients.length || !unreached(error)) throw told;
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

/** A connection that failed at once. One that was too slow has cost enough time already. */
const unreached = (error: unknown): boolean =>
  !(error instanceof ClickHouseError) &&
  /^(ECONNREFUSED|ECONNRESET|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/.test(
    String((error as { code?: unknown } | null)?.code ?? ""),
  );
