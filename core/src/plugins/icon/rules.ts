/** A rule of `vedette plugin check`: an `error` makes the check fail, a `warning` is told and lived with. */
export interface Rule {
  readonly severity: "error" | "warning";
  /** What it asks for, one sentence for the reference page. */
  readonly meaning: string;
}

const error = (meaning: string): Rule => ({ severity: "error", meaning });
const warning = (meaning: string): Rule => ({ severity: "warning", meaning });

/**
 * Every rule by its stable id; an id is never reused. Those below `yaml.` and `type.` can also be told by loading a
 * spec, where none of them stops it.
 */
export const iconRules = {
  "yaml.syntax": error("The file is YAML; what could be read of it is used."),
  "yaml.limits": error("The file stays within the bounds of size, depth and number of values."),
  "yaml.duplicate_key": warning("A key stands once in a map; of two the last one counts."),
  "yaml.timestamp": warning("Text that YAML 1.1 reads as a time is quoted; it is taken as text."),
  "yaml.sexagesimal": warning(
    "Text that YAML 1.1 reads as a number in base 60 is quoted; it is taken as text.",
  ),
  "yaml.boolean_key": warning("A key that YAML 1.1 reads as true or false is quoted; it is taken as text."),
  "yaml.key": warning("A key is text, not a map, a list or an alias."),
  "yaml.tag": warning("Values carry no YAML tags; a tag is ignored."),
  "spec.shape": error("A section is what it must be: a map, a list or text."),
  "spec.missing": error("The keys that every spec has are there and not empty."),
  "spec.unknown_key": warning("Keys are those that the format knows."),
  "spec.version_kind": error("`plugin_spec_version` is v2, `extension` is plugin."),
  "spec.nothing": error("A plugin has an action, a trigger or a task."),
  "spec.supported_versions": warning("`supported_versions` lists what the plugin was tried with."),
  "spec.products": warning("`products` has insightconnect among them."),
  "spec.vendor": warning(
    "`vendor` and `support` are words in small letters with underscores between them; `support` is rapid7, community or partner.",
  ),
  "spec.connection_version": warning(
    "A plugin with a connection has a whole number as `connection_version`.",
  ),
  "name.plugin": error("The plugin's name is snake case and at most seven words."),
  "name.component": error("Ids of actions, triggers and tasks are snake case."),
  "name.type": warning("A type is not named like a built-in one, which would win."),
  "title.missing": warning("Plugin, components and fields of a connection, input or output have a title."),
  "title.form": warning("A title begins with a capital, has at most seven words and no full stop."),
  "description.missing": warning("Plugin, components and their fields have a description."),
  "description.form": warning(
    "A description begins with a capital, ends without a full stop and has at most 500 characters.",
  ),
  "text.acronym": warning("Abbreviations such as URL stand in capitals in titles and descriptions."),
  "text.ascii": warning("Texts are ASCII."),
  "component.section": warning("An action or trigger has `output`; input and output are maps of fields."),
  "task.output": warning("A task gives one field, a list."),
  "type.missing": error("A field has a type."),
  "type.unknown": error("A field's type is built in or stands under `types`; otherwise any value is taken."),
  "field.unknown_property": warning("Properties of a field are those that the format knows."),
  "field.required": error(
    "`required` is true or false, and is there for fields of connection, input and output.",
  ),
  "field.example": warning("Every input has an example."),
  "field.example_type": warning("An example is a value of its field's type."),
  "field.default_type": error("A default is a value of its field's type."),
  "field.enum": error("`enum` is a list of values of the field's type, and the default is one of them."),
  "field.order": warning("`order` is a whole number from 1, and no two fields of a section share one."),
  "hub.tags": warning("`tags` is a list of at least two."),
  "hub.use_case": warning("`hub_tags.use_cases` has some of the list that the hub knows, and no others."),
  "version.form": error("`version` is three numbers, such as 1.0.0."),
  "version.history": warning("The newest entry of `version_history` is of the current version."),
  "secret.example": warning("Examples and defaults hold no secrets."),
  "cloud.user": error("A plugin for the cloud does not run as root."),
  "cloud.cache": error("A plugin for the cloud does not use `enable_cache`."),
  "cloud.packages": error("A plugin for the cloud installs no packages of the system."),
  "cloud.credential_token": error("A plugin for the cloud has no `credential_token` in its connection."),
  "help.missing": warning("A plugin has a help.md beside its spec."),
  "help.out_of_date": warning("help.md names every component of the spec."),
  "bump.major": error("A change that breaks users comes with a new major version."),
  "bump.minor": error("A change that adds something comes with a new minor version."),
  "bump.reset": error("A new major version begins with .0.0, a new minor version with .0."),
  "bump.back": error("The version does not go back."),
  "bump.connection_version": error("`connection_version` moves exactly when the connection changes."),
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleId = keyof typeof iconRules;
