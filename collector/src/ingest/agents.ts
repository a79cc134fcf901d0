import type { BatchHeader } from "@vedette/core/batch";

/** What the collector knows of an agent it has heard from. Times in milliseconds since 1970. */
export interface AgentState {
  readonly agentId: string;
  host: string;
  version: string;
  connections: number;
  connectedAt: number;
  lastBatchAt: number;
  /** Latest `@timestamp` among its stored events. */
  lastEventAt: number;
  batches: number;
  events: number;
  /** When its latest batch came through Kafka; 0 where none did. It has no connection there. */
  heardAt: number;
  /** The agent's clock minus ours when it connected. */
  clockSkewMs: number;
  /** From where it connected last; empty where it came through Kafka only. */
  address: string;
}

/** What an agent says of itself when it connects, and from where it does. */
interface Hello {
  readonly host: string;
  readonly version: string;
  readonly clockSkewMs: number;
  readonly address: string | undefined;
}

/** Bound of agents remembered; the one silent for longest is forgotten. */
const maxAgents = 100_000;

/** The agents heard from since this collector started. */
export class Agents {
  readonly #byId = new Map<string, AgentState>();

  hello(agentId: string, { host, version, clockSkewMs, address = "" }: Hello, now: number): AgentState {
    const state = this.#stateOf(agentId, now);
    Object.assign(state, {
      host,
      version,
      address,
      connectedAt: now,
      clockSkewMs,
      connections: state.connections + 1,
    });
    return state;
  }

  /** Notes a stored batch that came through Kafka, with what its record says of the agent. */
  heard(
    { agentId, rows, maxTime }: Pick<BatchHeader, "agentId" | "rows" | "maxTime">,
    { host, version }: { readonly host: string; readonly version: string },
    now: number,
  ): void {
    const state = this.#stateOf(agentId, now);
    state.host = host.slice(0, 255);
    state.version = version.slice(0, 64);
    state.heardAt = now;
    state.lastBatchAt = now;
    state.batches++;
    state.events += rows;
    state.lastEventAt = Math.max(state.lastEventAt, maxTime);
  }

  list(): readonly AgentState[] {
    return [...this.#byId.values()];
  }

  #stateOf(agentId: string, now: number): AgentState {
    let state = this.#byId.get(agentId);
    if (!state) {
      state = {
        agentId,
        host: "",
        version: "",
        connections: 0,
        connectedAt: now,
        lastBatchAt: 0,
        lastEventAt: 0,
        batches: 0,
        events: 0,
        heardAt: 0,
        clockSkewMs: 0,
        address: "",
      };
      if (this.#byId.size >= maxAgents) this.#forgetOne();
      this.#byId.set(agentId, state);
    }
    return state;
  }

  #forgetOne(): void {
    let oldest: AgentState | undefined;
    for (const state of this.#byId.values()) {
      if (state.connections === 0 && (!oldest || state.lastBatchAt < oldest.lastBatchAt)) oldest = state;
    }
    const victim = oldest ?? this.#byId.values().next().value;
    if (victim) this.#byId.delete(victim.agentId);
  }
}
