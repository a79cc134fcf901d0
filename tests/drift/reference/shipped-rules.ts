import type { Rule } from "@vedette/collector";

/** What the page needs of a rule or a correlation. */
type Shown = Pick<Rule, "id" | "name" | "severity" | "impact" | "technique"> & {
  readonly dataTypes: readonly string[];
  readonly place: Rule["place"];
};

const severities = ["info", "low", "medium", "high"] as const;

const severityOf = ({ severity, impact }: Shown): string =>
  severity ?? severities[Math.max(impact.confidentiality, impact.integrity, impact.availability)]!;

/** A technique or several, each with a link to what MITRE says of it. */
const techniquesOf = (technique: string): string =>
  technique.replaceAll(
    /\bT\d{4}(?:\.\d{3})?\b/g,
    (id) => `[${id}](https://attack.mitre.org/techniques/${id.replace(".", "/")}/)`,
  );

const pluginOf = ({ place }: Shown): string => /plugins\/([^/]+)\//.exec(place.file)?.[1] ?? "";
const fileOf = ({ place }: Shown): string => place.file.replace(/^.*\/(?=plugins\/)/, "");

/** docs/reference/shipped-rules.md, printed from the rules that come with the plugins. */
export function shippedRulesPage(rules: readonly Shown[]): string {
  const plugins = [...new Set(rules.map(pluginOf))].sort();
  const techniques = new Set(
    rules.flatMap(({ technique }) => technique.match(/\bT\d{4}(?:\.\d{3})?\b/g) ?? []),
  );
  const sections = plugins.flatMap((plugin) => [
    `## ${plugin}`,
    "",
    "| Rule | What it finds | Severity | Looks at | ATT&CK |",
    "|---|---|---|---|---|",
    ...rules
      .filter((rule) => pluginOf(rule) === plugin)
      .sort((a, b) => Number(a.id) - Number(b.id))
      .map(
        (rule) =>
          `| [${rule.id}](../../${fileOf(rule)}) | ${rule.name} | ${severityOf(rule)} | ${rule.dataTypes.join(", ")} | ${techniquesOf(rule.technique)} |`,
      ),
    "",
  ]);
  return [
    "# Shipped rules",
    "",
    "<!-- Printed from the rules of the plugins; `npm run reference` writes it again. -->",
    "",
    `A collector comes with these ${rules.length} rules, which cover ${techniques.size} techniques of ATT&CK;`,
    "`collector.builtinRules: false` leaves them out. Each file says what a finding means, what to do first and what may",
    "raise it wrongly. A folder in `tests/detections/` proves each: lines that raise it and lines that must not, through the",
    "pipelines of the plugins. No rule finds anything in the samples of others, but where that is right and said so.",
    "",
    ...sections,
  ].join("\n");
}
