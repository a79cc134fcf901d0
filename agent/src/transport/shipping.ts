import type { Outbox, Transport } from "./transport.ts";

/** Ships through a transport that may be replaced by another one while the agent runs. */
export class Shipping implements Transport {
  #transport: Transport;
  #replaced = new AbortController();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get connected(): boolean {
    return this.#transport.connected;
  }

  get problem(): string | undefined {
    return this.#transport.problem;
  }

  async run(outbox: Outbox, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#replaced = new AbortController();
      await this.#transport.run(outbox, AbortSignal.any([signal, this.#replaced.signal]));
    }
  }

  /** Leaves the connection there is. What it has not acknowledged goes through the new one, as a repeat. */
  replace(transport: Transport): void {
    this.#transport = transport;
    this.#replaced.abort();
  }
}
