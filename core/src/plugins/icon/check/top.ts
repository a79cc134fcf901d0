import { didYouMean } from "../../../config/index.ts";
import type { Findings, Place } from "../findings.ts";
import type { IconSpec } from "../spec/model.ts";
import { type SpecNode, textOfNode } from "../spec/tree.ts";
import { isBuiltin } from "../spec/types.ts";
import { checkDescription, checkTexts } from "./texts.ts";
import { isSnakeCase, mostWords, snakeCase, titleFault } from "./words.ts";

/** Keys that every spec has. */
const needed = [
  "plugin_spec_version",
  "extension",
  "products",
  "name",
  "title",
  "description",
  "version",
  "vendor",
  "support",
  "status",
  "tags",
  "hub_tags",
  "resources",
];

const known = [
  ...needed,
  "actions",
  "triggers",
  "tasks",
  "types",
  "connection",
  "connection_version",
  "supported_versions",
  "sdk",
  "key_features",
  "version_history",
  "links",
  "references",
  "requirements",
  "troubleshooting",
  "enable_cache",
  "cloud_ready",
  "fedramp_ready",
  "language",
  "is_connector",
];

const resources = ["source_url", "license_url", "vendor_url", "docs_url"];

const useCases = [
  "data_enrichment",
  "alerting_and_notifications",
  "application_management",
  "devops",
  "asset_inventory",
  "cloud_security",
  "credential_management",
  "data_utility",
  "offensive_security",
  "remediation_management",
  "reporting_and_analytics",
  "threat_detection_and_response",
  "user_management",
  "vulnerability_management",
];

/** Everything outside the components. */
export function checkTop(spec: IconSpec, findings: Findings): void {
  const { entries, place } = spec.source;
  for (const [key, entry] of entries)
    if (!known.includes(key))
      findings.add("spec.unknown_key", entry.place, key, `Unknown key "${key}".`, didYouMean(key, known));
  for (const key of needed) {
    const entry = entries.get(key);
    if (!entry) findings.add("spec.missing", place, key, `"${key}" is missing.`);
    else if (entry.value.kind === "scalar" && entry.value.text === "")
      findings.add("spec.missing", entry.place, key, `"${key}" is empty.`);
  }
  checkKind(spec, findings);
  checkNames(spec, findings);
  checkHub(spec, findings);
  checkVersion(spec, findings);
  if (spec.actions.size + spec.triggers.size + spec.tasks.size === 0)
    findings.add("spec.nothing", place, "", "It has no action, no trigger and no task.");
  checkTexts(spec.source, findings);
  const description = entries.get("description")?.value;
  const text = textOfNode(description);
  if (description && text !== undefined && text !== "")
    checkDescription(text, description.place, "", findings);
  checkVendor(spec, findings);
  const tried = entries.get("supported_versions")?.value;
  if (itemsOf(tried).length === 0)
    findings.add(
      "spec.supported_versions",
      place,
      "supported_versions",
      "It does not say what it was tried with.",
    );
  const connection = entries.get("connection_version")?.value;
  if (spec.connection && !(connection?.kind === "scalar" && Number.isInteger(connection.value))) {
    const where = connection?.place ?? entries.get("connection")?.place ?? place;
    findings.add(
      "spec.connection_version",
      where,
      "connection_version",
      "A whole number is needed, such as 1.",
    );
  }
}

function checkKind(spec: IconSpec, findings: Findings): void {
  const wanted = { plugin_spec_version: "v2", extension: "plugin" };
  for (const [key, value] of Object.entries(wanted)) {
    const node = spec.source.entries.get(key)?.value;
    const text = textOfNode(node);
    if (node && text !== undefined && text !== "" && text !== value)
      findings.add("spec.version_kind", node.place, key, `"${text.slice(0, 40)}" is not ${value}.`);
  }
}

function checkNames(spec: IconSpec, findings: Findings): void {
  const { entries } = spec.source;
  const name = entries.get("name")?.value;
  if (name && spec.name !== "") {
    if (!isSnakeCase(spec.name))
      findings.add(
        "name.plugin",
        name.place,
        "name",
        `"${spec.name}" is not snake case.`,
        write(snakeCase(spec.name)),
      );
    else if (spec.name.split("_").length > mostWords)
      findings.add("name.plugin", name.place, "name", `"${spec.name}" has more than ${mostWords} words.`);
  }
  const title = entries.get("title")?.value;
  const fault = spec.title === "" ? undefined : titleFault(spec.title);
  if (title && fault)
    findings.add("title.form", title.place, "title", `The title should be different: ${fault}.`);
  for (const type of spec.types.keys()) {
    const at = typePlace(spec, type);
    if (isBuiltin(type))
      findings.add("name.type", at, `types.${type}`, `"${type}" is a built-in type, which wins.`);
  }
}

const supporters = ["rapid7", "community", "partner"];

function checkVendor(spec: IconSpec, findings: Findings): void {
  const { entries } = spec.source;
  for (const key of ["vendor", "support"]) {
    const node = entries.get(key)?.value;
    const text = textOfNode(node) ?? "";
    if (!node || text === "") continue;
    if (!/^[a-z][^\sA-Z.]*$/.test(text))
      findings.add(
        "spec.vendor",
        node.place,
        key,
        `"${text.slice(0, 80)}" should be in small letters, without spaces.`,
      );
    else if (key === "support" && !supporters.includes(text))
      findings.add(
        "spec.vendor",
        node.place,
        key,
        `"${text.slice(0, 80)}" is none of ${supporters.join(", ")}.`,
      );
  }
  const products = entries.get("products");
  if (products && !itemsOf(products.value).some((item) => textOfNode(item) === "insightconnect"))
    findings.add("spec.products", products.place, "products", "insightconnect is not among them.");
}

const write = (text: string): string => `Write ${text}.`;

function typePlace(spec: IconSpec, type: string): Place {
  const types = spec.source.entries.get("types")?.value;
  return (types?.kind === "map" ? types.entries.get(type)?.place : undefined) ?? spec.source.place;
}

function checkHub(spec: IconSpec, findings: Findings): void {
  const { entries } = spec.source;
  const tags = entries.get("tags");
  const count = itemsOf(tags?.value).length;
  if (tags && count < 2)
    findings.add("hub.tags", tags.place, "tags", `It has ${count} tags in a list; two are needed.`);
  const hub = entries.get("hub_tags")?.value;
  const cases = hub?.kind === "map" ? hub.entries.get("use_cases")?.value : undefined;
  if (hub && itemsOf(cases).length === 0)
    findings.add("hub.use_case", hub.place, "hub_tags.use_cases", "It has no use case.");
  for (const [index, item] of itemsOf(cases).entries()) {
    const text = textOfNode(item) ?? "";
    if (useCases.includes(text)) continue;
    const path = `hub_tags.use_cases[${index}]`;
    findings.add(
      "hub.use_case",
      item.place,
      path,
      `"${text}" is no known use case.`,
      didYouMean(text, useCases),
    );
  }
  const links = entries.get("resources")?.value;
  for (const [key, entry] of links?.kind === "map" ? links.entries : [])
    if (!resources.includes(key)) {
      const suggestion = didYouMean(key, resources);
      findings.add("spec.unknown_key", entry.place, `resources.${key}`, `Unknown key "${key}".`, suggestion);
    }
}

const itemsOf = (node: SpecNode | undefined): readonly SpecNode[] =>
  node?.kind === "list" ? node.items : [];

function checkVersion(spec: IconSpec, findings: Findings): void {
  const version = spec.source.entries.get("version")?.value;
  if (version && spec.version !== "" && !/^\d+\.\d+\.\d+$/.test(spec.version))
    findings.add(
      "version.form",
      version.place,
      "version",
      `"${spec.version}" is not three numbers, such as 1.0.0.`,
    );
  const history = spec.source.entries.get("version_history");
  const [newest] = itemsOf(history?.value);
  const text = textOfNode(newest);
  if (history && newest && text !== undefined && !text.startsWith(`${spec.version} `))
    findings.add(
      "version.history",
      newest.place,
      "version_history[0]",
      `It is not of version ${spec.version}.`,
    );
}
