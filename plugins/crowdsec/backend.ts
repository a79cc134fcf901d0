import type { Decision } from "./decision.ts";

/** A ban to be made. */
export interface Ban {
  readonly scope: "Ip" | "Range";
  /** Canonical. */
  readonly value: string;
  readonly seconds: number;
  /** What the decision says of its reason. */
  readonly scenario: string;
}

/** A way to CrowdSec: its local API, or its command. Failures are as `ActionCapability` says. */
export interface Backend {
  /** Decisions that are active now and not those of the community or of lists: of a value where one is given, else all. */
  active(value?: Pick<Ban, "scope" | "value">): Promise<Decision[]>;
  ban(ban: Ban): Promise<void>;
  /** One that is not there any more is no failure. */
  lift(id: number): Promise<void>;
  /** A sentence about the other side. Throws where it does not answer as it should. */
  check(): Promise<string>;
}
