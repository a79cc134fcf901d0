import type { Place } from "../findings.ts";
import type { Json, SpecMap } from "./tree.ts";
import type { IconType } from "./types.ts";

/** One field of a connection, an input, an output, a state or a custom type. */
export interface IconField {
  readonly name: string;
  /** Of its name. */
  readonly place: Place;
  /** Dotted path in the file. */
  readonly path: string;
  readonly title?: string;
  readonly description?: string;
  readonly type: IconType;
  /** Only a literal `true` counts. */
  readonly required: boolean;
  /** 1-based: as given, or its place among its fields. */
  readonly order: number;
  readonly default?: Json;
  readonly enum?: readonly Json[];
  readonly example?: Json;
  readonly placeholder?: string;
  readonly tooltip?: string;
  /** All that stands there, for the validator. */
  readonly source: SpecMap;
}

/** Fields by name, in the order of the file. */
export type IconFields = ReadonlyMap<string, IconField>;

export type ComponentKind = "action" | "trigger" | "task";

/** An action, a trigger or a task. */
export interface IconComponent {
  readonly kind: ComponentKind;
  readonly id: string;
  readonly place: Place;
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly input: IconFields;
  readonly output: IconFields;
  /** Of a task. */
  readonly state: IconFields;
  readonly source: SpecMap;
}

export type IconComponents = ReadonlyMap<string, IconComponent>;

/** A `plugin.spec.yaml`, as far as it can be read. What is missing is empty. */
export interface IconSpec {
  readonly file: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly vendor: string;
  /** Undefined where there is no connection. */
  readonly connection: IconFields | undefined;
  readonly actions: IconComponents;
  readonly triggers: IconComponents;
  readonly tasks: IconComponents;
  readonly types: ReadonlyMap<string, IconFields>;
  readonly source: SpecMap;
}

const sections = { action: "actions", trigger: "triggers", task: "tasks" } as const;

/** The name of a kind's section: `actions`, `triggers`, `tasks`. */
export const sectionOf = (kind: ComponentKind): "actions" | "triggers" | "tasks" => sections[kind];

/** All components, actions first. */
export const componentsOf = (spec: IconSpec): IconComponent[] => [
  ...spec.actions.values(),
  ...spec.triggers.values(),
  ...spec.tasks.values(),
];
