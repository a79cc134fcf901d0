import type { ActionDefinition, AnyPlugin } from "@vedette/sdk";
import { parseSpec } from "../spec/load.ts";
import type { IconSpec } from "../spec/model.ts";
import { fieldsOfSettings, type SpecField, titleOf } from "./own-fields.ts";

/** What looking up is called as an action, and what collecting is called as a task. */
export const lookupAction = "lookup";
const collectTask = "collect";

/** The id of an action of ours as these specs write ids: `security.ban` → `security_ban`. */
export const actionId = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");

/** The actions of a plugin that are served: the critical ones only where that was asked for. */
export const servedActions = (
  { action: capability }: AnyPlugin,
  critical: boolean,
): readonly ActionDefinition[] => (capability?.actions ?? []).filter((each) => critical || !each.critical);

/** The spec of a plugin of ours, as text and as read. JSON is YAML. */
export function ownSpec(
  plugin: AnyPlugin,
  critical: boolean,
): { readonly text: string; readonly spec: IconSpec } {
  const { id, name, version, description, author } = plugin;
  const connection = fieldsOfSettings(plugin.settings);
  const actions = [
    ...servedActions(plugin, critical).map((each) => [actionId(each.name), action(each, plugin)] as const),
    ...(plugin.enrich ? [[lookupAction, lookup(plugin.enrich.from)] as const] : []),
  ];
  const text = JSON.stringify(
    {
      plugin_spec_version: "v2",
      extension: "plugin",
      products: ["insightconnect"],
      name: actionId(id),
      title: name,
      description,
      version,
      connection_version: 1,
      vendor: author ?? "vedette",
      support: "community",
      status: [],
      supported_versions: ["Vedette"],
      tags: ["vedette", actionId(id)],
      hub_tags: { use_cases: ["threat_detection_and_response"], keywords: [], features: [] },
      resources: { source_url: "", license_url: "", vendor_url: "" },
      ...(Object.keys(connection).length > 0 ? { connection } : {}),
      ...(actions.length > 0 ? { actions: Object.fromEntries(actions) } : {}),
      ...(plugin.collect ? { tasks: { [collectTask]: collect } } : {}),
    },
    null,
    2,
  );
  return { text, spec: parseSpec(text, `${id}.spec.yaml`).spec };
}

const field = (
  title: string,
  description: string,
  type: string,
  required: boolean,
  more: SpecField = {},
): SpecField => ({
  title,
  description,
  type,
  required,
  ...more,
});

function action({ name, targets, parameters = [] }: ActionDefinition, { locales }: AnyPlugin): SpecField {
  const label = (key: string, fallback: string): string => locales.en[key] ?? fallback;
  const chosen = parameters.map(({ name: parameter, options, maxLength = 200, default: given }) => [
    parameter,
    field(
      label(`${name}.${parameter}`, titleOf(parameter)),
      options ? `One of ${options.join(", ")}` : `At most ${maxLength} characters`,
      "string",
      false,
      { ...(options && { enum: options }), default: given, example: given },
    ),
  ]);
  const title = label(name, titleOf(name));
  return {
    title,
    description: label(`${name}.help`, title),
    input: {
      target: field("Target", "What it is done to", "string", true, { example: "203.0.113.7" }),
      target_type: field("Target Type", "Kind of the target", "string", true, {
        enum: targets,
        default: targets[0],
        example: targets[0],
      }),
      reason: field("Reason", "Why it is done", "string", false, { example: "Brute force" }),
      ...Object.fromEntries(chosen),
    },
    output: {
      message: field("Message", "What was done", "string", true, { example: "Done." }),
      undo: field("Undo", "What undoing it needs to know", "object", false, { example: {} }),
    },
  };
}

const lookup = (from: string): SpecField => ({
  title: "Look Up",
  description: "Say what is known of a value",
  input: { value: field("Value", `Value to look up (${from})`, "string", true, { example: "203.0.113.7" }) },
  output: {
    found: field("Found", "Whether anything is known", "boolean", true, { example: true }),
    facts: field("Facts", "What is known, by path", "object", true, { example: {} }),
  },
});

const collect: SpecField = {
  title: "Collect",
  description: "Fetch events, on from where the last run ended",
  output: { events: field("Events", "Events that were fetched", "[]object", true, { example: [] }) },
};
