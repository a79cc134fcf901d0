export { type Expression, parseExpression, printAst, SyntaxFault } from "./expression/index.ts";
