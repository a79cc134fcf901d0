import { hostFile, iconRules } from "@vedette/core/plugins/icon";
import { inputSchema, keyTable } from "./key-table.ts";

/** docs/reference/icon-rules.md */
export const iconRulesPage = (): string => `# Rules for plugin.spec.yaml

<!-- Printed from core/src/plugins/icon; \`npm run reference\` writes it again. -->

\`vedette plugin check\` tells each broken rule with file, line and column. An error fails the check, a warning does not.
Loading a plugin to run it stops at none of them.

| Rule | Severity | What it asks for |
|---|---|---|
${Object.entries(iconRules)
  .map(([id, { severity, meaning }]) => `| \`${id}\` | ${severity} | ${meaning} |`)
  .join("\n")}

## vedette.plugin.yaml

The file beside a spec that says how Vedette starts the plugin. Without it \`bin/icon_<name>\` is started.

${keyTable(inputSchema(hostFile), "").join("\n")}
`;
