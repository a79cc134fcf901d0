import type { Asset, Capability } from "@vedette/sdk";
import type { FormField } from "../ui/form/field.ts";
import type { FieldProblem } from "./problem.ts";
import type { List } from "./types.ts";

/** How a plugin does, the worst first: the order of lists. */
export const conditions = ["error", "warning", "healthy", "disabled"] as const;
export type Condition = (typeof conditions)[number];

export interface PluginItem {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly author?: string;
  readonly capabilities: readonly Capability[];
  readonly condition: Condition;
  readonly message: string;
}

/** A plugin that is a program of its own, over a socket. */
export interface ProgramItem {
  readonly id: string;
  readonly kind: string;
  readonly state: Condition;
  readonly message: string;
  readonly restarts: number;
  readonly calls: number;
  readonly errors: number;
  readonly waiting: number;
  readonly dropped: number;
  readonly drops: Readonly<Record<string, number>>;
  readonly lastError?: string;
  readonly rssBytes?: number;
  readonly cpuSeconds?: number;
}

export interface PluginList extends List<PluginItem> {
  readonly programs: readonly ProgramItem[];
  readonly broken: readonly { readonly place: string; readonly reason: string }[];
}

export interface PluginComponent {
  readonly role: string;
  readonly status: "healthy" | "error";
  readonly calls: number;
  readonly errors: number;
  readonly dropped: number;
  readonly waiting: number;
  readonly busyMs: number;
  readonly blockedMs: number;
  readonly longestBlockMs: number;
  readonly lastRunAt?: string;
  readonly lastError?: { readonly at: string; readonly message: string };
  readonly backlog?: { readonly more: boolean; readonly percent?: number };
}

export interface PluginDetail extends PluginItem {
  readonly guarantees?: string;
  readonly settings: readonly FormField[];
  readonly problems: readonly FieldProblem[];
  readonly components: readonly PluginComponent[];
  readonly thread?: {
    readonly isRunning: boolean;
    readonly restarts: number;
    readonly heapBytes: number;
    readonly cpuSeconds: number;
  };
  readonly page?: { readonly title: string; readonly widgets: readonly string[] };
  readonly views: readonly { readonly id: string; readonly name: string; readonly query: string }[];
}

export interface WidgetItem {
  readonly plugin: string;
  readonly id: string;
  readonly kind: "counter" | "trend" | "top" | "feed";
  readonly title: string;
  /** Address below `/api/v1` that answers its data. */
  readonly data: string;
  /** True where it is part of the plugin's own page rather than of the overview. */
  readonly onPage: boolean;
  /** True where it is shown with an address; its data is asked with one more `filter`. */
  readonly onAddress: boolean;
}

export interface AssetItem extends Asset {
  readonly plugin: string;
  /** What events that are linked to it have as `assetId`. */
  readonly assetId: string;
  readonly active: boolean;
  /** No report had it for as long as its plugin allows. */
  readonly offline: boolean;
  readonly firstSeen: string;
  readonly lastSeen: string;
}
