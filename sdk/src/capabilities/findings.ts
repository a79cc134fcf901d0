import type { PluginContext } from "../context.ts";
import type { Alert } from "../schema/alert.ts";
import type { Event } from "../schema/event.ts";
import type { AnyChannel } from "./channel.ts";

/** A finding of a plugin's own code. Its id is made of the plugin, its `name` and the event, so that a repeat is one. */
export type Finding = { readonly name: string } & Partial<Omit<Alert, "name">>;

/** Looks at events and raises alerts: rule files, or code for what rules cannot say. */
export interface AnalyzeCapability<Settings> {
  /** Rule YAML files in the EventProcessor format. */
  readonly rules?: readonly URL[];
  /** Files of insight rules: rule sets of OpenSecDash, as JSON or YAML. */
  readonly insights?: readonly URL[];
  /** Which events the code sees: types with `*` as wildcard. Default: all. */
  readonly eventTypes?: readonly string[];
  /** Called for each stored event, one at a time. */
  analyze?(
    event: Event,
    context: PluginContext<Settings>,
  ): Iterable<Finding> | AsyncIterable<Finding> | Promise<Iterable<Finding>>;
}

/** Sees each new alert once it is stored, in order. */
export interface CorrelateCapability<Settings> {
  correlate(alert: Alert, context: PluginContext<Settings>): void | Promise<void>;
}

/** A word of the collector to whoever listens: `topic` says what it is about, `message` is JSON or text. */
export interface Message {
  readonly id: string;
  /** RFC 3339. */
  readonly timestamp: string;
  /** Such as `alert`, `enqueue_success`, `parsing_dropped`, `system.plugin_error`. */
  readonly topic: string;
  readonly message: string;
}

/** Carries messages out, or tells people over connections of the plugin. */
export interface NotifyCapability<Settings> {
  /** Ways to tell people, by the kind of connection that each goes over. */
  readonly channels?: Readonly<Record<string, AnyChannel>>;
  /** Topics it wants, with `*` as wildcard. Default: all. */
  readonly topics?: readonly string[];
  notify?(message: Message, context: PluginContext<Settings>): void | Promise<void>;
}
