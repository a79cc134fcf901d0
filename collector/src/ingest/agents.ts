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
  /** The agent's clock minus ours when it connected. */
  clockSkewMs: number;
}

/** Bound of agents remembered; the one silent for longest is forgotten. */
const maxAgents = 100_000;

/** The agents heard from since this collector started. */
export class Agents {
  readonly #byId = new Map<string, AgentState>();

  hello(agentId: string, host: string, version: string, clockSkewMs: number, now: number): AgentState {
    let state = this.#byId.get(agentId);
    if (!state) {
      state = {
        agentId,
        host,
        version,
        connections: 0,
        connectedAt: now,
        lastBatchAt: 0,
        lastEventAt: 0,
        batches: 0,
        events: 0,
        clockSkewMs,
      };
      if (this.#byId.size >= maxAgents) this.#forgetOne();
      this.#byId.set(agentId, state);
    }
    Object.assign(state, {
      host,
      version,
      connectedAt: now,
      clockSkewMs,
      connections: state.connections + 1,
    });
    return state;
  }

  list(): readonly AgentState[] {
    return [...this.#byId.values()];
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
