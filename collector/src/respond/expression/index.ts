export { type Expression, printAst, type Value } from "./ast.ts";
export { SyntaxFault } from "./errors.ts";
export { evaluate, type Lookup } from "./evaluate.ts";
export { parseExpression } from "./parser.ts";
export { valueAt } from "./values.ts";
