export { SigmaDocuments, type SigmaOptions } from "./documents.ts";
export { kindOf } from "./kinds.ts";
export { mappingFile } from "./mapping-schema.ts";
