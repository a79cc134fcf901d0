export { CarriedCode, type CarriedFunction } from "./block/cut/index.ts";
export { type CountedProgram, compileProgram } from "./program.ts";
export { RowWriter } from "./row-writer.ts";
export type { BlockLines, ColumnProgram, RowBlock, RowLog, RowProgram } from "./seam.ts";
export { dropReason } from "./writer.ts";
