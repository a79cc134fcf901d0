/**
 * Changes a draft in place: the log's own fields and what earlier steps made of it, as plain data. `params` is what the
 * step says in the pipeline file, the same object for every log. Called for every log, so it should be quick; throwing puts a
 * sentence into the event's errors. What it writes to `id`, `raw` and the like is put back.
 */
export type ParseStep = (draft: Record<string, unknown>, params: unknown) => void;

/** Parses logs of some data types: pipeline files in the EventProcessor format, with their test folders. */
export interface ParseCapability {
  readonly dataTypes: readonly string[];
  /** Pipeline YAML files, run in this order. */
  readonly pipelines: readonly URL[];
  /** Steps in code that pipelines call by name: `dynamic: {plugin: <name>}`. A name begins with the plugin's id. */
  readonly steps?: Readonly<Record<string, ParseStep>>;
}
