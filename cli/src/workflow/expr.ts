import { readFileSync } from "node:fs";
import { parseExpression, printAst, SyntaxFault } from "@vedette/collector/respond";
import { ConfigError } from "@vedette/core/config";

/** Prints the tree of an expression. A mistake in it becomes a ConfigError with its place. */
export function printExpression(given: string): void {
  const text = given === "-" ? readFileSync(0, "utf8") : given;
  try {
    process.stdout.write(`${JSON.stringify(printAst(parseExpression(text)), null, 2)}\n`);
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    const { place, message, suggestion } = error;
    throw new ConfigError(
      [
        {
          file: "expression",
          ...place,
          path: "",
          message,
          ...(suggestion === undefined ? {} : { suggestion }),
        },
      ],
      "config.invalid",
      error,
    );
  }
}
