import type { Alert } from "@vedette/sdk";
import { readAttack } from "./attack/index.ts";
import { entitiesOf } from "./entities.ts";
import { riskOf } from "./risk.ts";

/** An alert with what is said of it here: its tactics and techniques, who it is about, how much it adds to their risk. */
export function dress(alert: Alert): Alert {
  const { tactics, techniques } = readAttack(alert.technique, alert.tags);
  return {
    ...alert,
    ...(tactics.length > 0 && { tactics: [...tactics] }),
    ...(techniques.length > 0 && { techniques: [...techniques] }),
    entities: entitiesOf(alert),
    risk: riskOf(alert),
  };
}
