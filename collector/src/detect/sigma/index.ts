export { SigmaDocuments, type SigmaOptions, type SigmaPart, sigmaPart } from "./documents.ts";
export { kindOf } from "./kinds.ts";
export { valueSeparator } from "./mapping.ts";
export { mappingFile } from "./mapping-schema.ts";
