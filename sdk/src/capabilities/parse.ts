/** Parses logs of some data types: pipeline files in the EventProcessor format, with their test folders. */
export interface ParseCapability {
  readonly dataTypes: readonly string[];
  /** Pipeline YAML files, run in this order. */
  readonly pipelines: readonly URL[];
}
