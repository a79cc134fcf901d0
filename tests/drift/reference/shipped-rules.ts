import type { Rule } from "@vedette/collector";

const severities = ["info", "low", "medium", "high"] as const;

const severityOf = ({ severity, impact }: Rule): string =>
  severity ?? severities[Math.max(impact.confidentiality, impact.integrity, impact.availability)]!;

/** A technique or several, each with a link to what MITRE says of it. */
const techniquesOf = (technique: string): string =>
  technique.replaceAll(
    /\bT\d{4}(?:\.\d{3})?\b/g,
    (id) => `[${id}](https://attack.mitre.org/techniques/${id.replace(".", "/")}/)`,
  );

const pluginOf = ({ place }: Rule): string => /^.*\/plugins\/([^/]+)\//.exec(place.file)?.[1] ?? "";
const fileOf = ({ place }: Rule): string => place.file.replace(/^.*\/(?=plugins\/)/, "");

/** The data types whose events a rule, or all that a correlation looks at, is asked of. */
function dataTypesOf(rule: Rule, all: readonly Rule[]): readonly string[] {
  const refs = new Set(rule.correlation?.members.map(({ ref }) => ref));
  const behind = all.filter(({ id }) => refs.has(id)).flatMap((each) => dataTypesOf(each, all));
  return [...new Set([...rule.dataTypes, ...behind])].sort();
}

const languageOf = ({ language, correlation }: Rule): string =>
  correlation ? "correlation" : language === "sigma" ? "Sigma" : "CEL";

/** docs/reference/shipped-rules.md, printed from the rules that come with the plugins. */
export function shippedRulesPage(all: readonly Rule[]): string {
  const rules = all.filter(({ silent }) => !silent);
  const correlations = rules.filter(({ correlation }) => correlation !== undefined).length;
  const plugins = [...new Set(rules.map(pluginOf))].sort();
  const techniques = new Set(
    rules.flatMap(({ technique }) => technique.match(/\bT\d{4}(?:\.\d{3})?\b/g) ?? []),
  );
  const sections = plugins.flatMap((plugin) => [
    `## ${plugin}`,
    "",
    "| Rule | What it finds | Severity | Written in | Looks at | ATT&CK |",
    "|---|---|---|---|---|---|",
    ...rules
      .filter((rule) => pluginOf(rule) === plugin)
      .sort((a, b) => Number(a.id) - Number(b.id))
      .map(
        (rule) =>
          `| [${rule.id}](../../${fileOf(rule)}) | ${rule.name} | ${severityOf(rule)} | ${languageOf(rule)} | ${dataTypesOf(rule, all).join(", ")} | ${techniquesOf(rule.technique)} |`,
      ),
    "",
  ]);
  return [
    "# Shipped rules",
    "",
    "<!-- Printed from the rules of the plugins; `npm run reference` writes it again. -->",
    "",
    `A collector comes with these ${rules.length} rules, ${correlations} of them correlations. They cover ${techniques.size} techniques of ATT&CK.`,
    "`collector.builtinRules: false` leaves them out. Each file says what a finding means, what to do first and what may",
    "raise it wrongly. A folder in `tests/detections/` proves each: lines that raise it and lines that must not, through the",
    "pipelines of the plugins. No rule finds anything in the samples of others, but where that is right and said so.",
    "",
    ...sections,
  ].join("\n");
}
