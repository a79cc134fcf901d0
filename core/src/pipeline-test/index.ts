export { findCases, type PipelineCase, pipelineAbove, READ_AT, readCase, saveCase } from "./case.ts";
export { type Difference, diffEvents } from "./event-diff.ts";
export { type BlockShare, explainBlocks } from "./explain.ts";
export { type CaseResult, type Failure, parseLine, runCase, visible } from "./run-case.ts";
export { compiled, inBlocks, interpreted, type Row } from "./twins.ts";
