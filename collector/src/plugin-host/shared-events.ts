import type { Batch } from "@vedette/core/batch";
import type { Event } from "@vedette/sdk";

/** The events of a batch for several plugins: each is made once, when the first asks for it, and none can change it. */
export class SharedEvents {
  readonly #batch: Batch;
  readonly #made: (Event | undefined)[] = [];
  readonly #byType = new Map<string, number[]>();

  constructor(batch: Batch) {
    this.#batch = batch;
    const column = batch.columns.get("eventType");
    for (let row = 0; row < batch.rows; row++) {
      const type = String(column?.value(row) ?? "");
      const rows = this.#byType.get(type);
      if (rows) rows.push(row);
      else this.#byType.set(type, [row]);
    }
  }

  /** Those of wanted types, in their order. A type is asked about once. */
  wanted(wants: (eventType: string) => boolean): readonly Event[] {
    const rows = [...this.#byType].flatMap(([type, each]) => (wants(type) ? each : []));
    return rows
      .sort((a, b) => a - b)
      .map((row) => {
        const event = this.#made[row] ?? frozen(this.#batch.event(row));
        this.#made[row] = event;
        return event;
      });
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const each of Object.values(value)) frozen(each);
  return Object.freeze(value);
}
