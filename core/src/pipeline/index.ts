export {
  anyNeedle,
  CelError,
  type CelOptions,
  type CelProgram,
  CelRuntimeError,
  type CelWarning,
  celFunctions,
  compileCel,
  type Doc,
  docOf,
  type Expr,
  ObjectDoc,
  parseCel,
} from "./cel/index.ts";
export { yamlFiles } from "./files.ts";
export { compilePipelines, loadPipelines } from "./load.ts";
export { locateText } from "./locate-text.ts";
export { compilePath, type Path } from "./paths/index.ts";
export {
  defaultPatterns,
  expandPatterns,
  PatternError,
  type Patterns,
  searchRegex,
} from "./patterns/index.ts";
export {
  type CompiledStep,
  type Outcome,
  type PipelinePlan,
  PipelineSet,
  type StepCounters,
} from "./runner.ts";
export { type PipelineFile, pipelineFile, type Tenant } from "./schema.ts";
export { stepKinds } from "./steps/index.ts";
