export {
  addressBytes,
  anyNeedle,
  CelError,
  type CelOptions,
  type CelProgram,
  CelRuntimeError,
  type CelWarning,
  celFunctions,
  compileCel,
  compileCidr,
  type Doc,
  docOf,
  type Expr,
  type ListTests,
  ObjectDoc,
  parseCel,
} from "./cel/index.ts";
export type { BlockLines, ColumnProgram, RowBlock, RowLog, RowProgram } from "./compiled/index.ts";
export { type ConversionCounters, toEvent } from "./event.ts";
export { yamlFiles } from "./files.ts";
export { compilePipelines, type LoadOptions, loadPipelines } from "./load.ts";
export { locateText } from "./locate-text.ts";
export { compilePath, type JsonObject, type Path } from "./paths/index.ts";
export {
  type CaptureRegex,
  captureRegex,
  defaultPatterns,
  expandPatterns,
  PatternError,
  type Patterns,
  searchRegex,
} from "./patterns/index.ts";
export type { CompiledStep, PipelinePlan, StepCounters } from "./plan.ts";
export { type Outcome, PipelineSet } from "./runner.ts";
export { type PipelineFile, pipelineFile, type Tenant } from "./schema.ts";
export {
  type DynamicAnswer,
  type DynamicCall,
  type DynamicHost,
  type SentDraft,
  stepKinds,
} from "./steps/index.ts";
export { type DraftWriter, WaitingProgram } from "./waiting.ts";
