export { SigmaDocuments, type SigmaOptions, type SigmaPart, sigmaPart } from "./documents.ts";
export { kindOf } from "./kinds.ts";
export { mappingFile } from "./mapping-schema.ts";
