import type { Alert, Event, Severity } from "@vedette/sdk";

export type { Alert, Event, Severity };

/** Severities from the least to the worst; the order of stacks and legends. */
export const severities = [
  "info",
  "low",
  "medium",
  "high",
  "critical",
] as const satisfies readonly Severity[];

export interface List<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface Histogram {
  readonly from: string;
  readonly to: string;
  readonly intervalSeconds: number;
  readonly values: readonly string[];
  readonly others: boolean;
  readonly items: readonly {
    readonly time: string;
    readonly count: number;
    readonly counts: readonly number[];
  }[];
}

export interface Top {
  readonly items: readonly { readonly value: string; readonly count: number }[];
  readonly total: number;
  readonly missing: number;
  readonly others: number;
  readonly distinct: number;
}

export interface FieldInfo {
  readonly path: string;
  readonly type: string;
  readonly description?: string;
  readonly seen: boolean;
}

export type AlertItem = Omit<Alert, "events" | "lastEvent"> & { readonly eventCount: number };

export interface AgentInfo {
  readonly agentId: string;
  readonly host: string;
  readonly version: string;
  readonly connected: boolean;
  readonly lastSeen?: string;
  readonly events: number;
}

export interface Stats {
  readonly now: string;
  readonly version: string;
  readonly startedAt: string;
  readonly events: {
    readonly total: number;
    readonly lastMinute: number;
    readonly lastHour: number;
    readonly perSecond: number;
    readonly newest?: string;
    readonly lagSeconds?: number;
  };
  readonly alerts: { readonly open: number; readonly lastDay: number };
  readonly deadLetters: { readonly lastDay: number };
  readonly agents: readonly AgentInfo[];
  readonly engine: {
    readonly kind: "embedded" | "server";
    readonly state: "running" | "starting" | "down";
    readonly restarts?: number;
    readonly bytesOnDisk?: number;
  };
  readonly databases: readonly {
    readonly name: string;
    readonly ageDays?: number;
    readonly stale: boolean;
    readonly problem?: string;
  }[];
}
