import { stringify } from "yaml";

/** Data as YAML that our own reader takes: texts of several lines as blocks, no line folded. */
export const printYaml = (value: unknown): string =>
  stringify(value, { lineWidth: 0, blockQuote: "literal", aliasDuplicateObjects: false });
