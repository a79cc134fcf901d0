export { type Expression, printAst, type Value, variablesOf } from "./ast.ts";
export { EvaluationFault, type Place, placeAt, SyntaxFault } from "./errors.ts";
export { defined, evaluate, type Lookup } from "./evaluate.ts";
export { parseExpression } from "./parser.ts";
export { readPath, writeReference } from "./reference.ts";
export { truthy, valueAt } from "./values.ts";
