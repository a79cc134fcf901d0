export { type CountedProgram, compileProgram } from "./program.ts";
export type { ColumnProgram, RowLog, RowProgram } from "./seam.ts";
