import type { PluginKind } from "./kinds.ts";

/** How a plugin over a socket is, for people. */
export interface PluginStatus {
  /** Its name: that of its socket, else that of its executable. */
  readonly id: string;
  readonly kind: PluginKind;
  /** `disabled`: it is there, but nobody calls it, or it is not started. */
  readonly state: "healthy" | "warning" | "error" | "disabled";
  readonly message: string;
  /** Times it was started again. */
  readonly restarts: number;
  /** Calls of it; for an input plugin 0. */
  readonly calls: number;
  readonly errors: number;
  /** Alerts or messages that wait for it. */
  readonly waiting: number;
  /** Events, alerts or messages that it did not get. */
  readonly dropped: number;
  /** The same by reason: `queue_full`, `away`, `failed`. */
  readonly drops: Readonly<Record<string, number>>;
  readonly lastError?: string;
  /** Of its process, where it is one of ours. */
  readonly rssBytes?: number;
  readonly cpuSeconds?: number;
}
