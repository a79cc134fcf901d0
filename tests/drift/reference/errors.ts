import { errorCodes } from "@vedette/sdk";

/** docs/reference/errors.md, printed from the catalogue of the sdk. */
export const errorsPage = (): string =>
  `${[
    "# Errors",
    "",
    "<!-- Printed from sdk/src/errors.ts; `npm run reference` writes it again. -->",
    "",
    "Every error of Vedette carries a code that never changes its meaning and is never used again for another. The",
    "code is in the log line, in the API's answer and in a dead letter, beside a sentence for people.",
    "",
    "| Code | Meaning |",
    "|---|---|",
    ...Object.entries(errorCodes)
      .sort(([a], [b]) => a.localeCompare(b, "en"))
      .map(([code, meaning]) => `| \`${code}\` | ${meaning} |`),
  ].join("\n")}\n`;
