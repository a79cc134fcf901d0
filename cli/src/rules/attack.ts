import { readFileSync, statSync } from "node:fs";
import type { Rule } from "@vedette/collector";
import type { Problem } from "@vedette/core/config";
import { messageOf } from "@vedette/sdk";
import { z } from "zod";
import { UsageError } from "../exit.ts";

/** The bundle for enterprises has some 50 MB. */
const maxBytes = 256 << 20;

/** What is read of a bundle of STIX 2.1 as MITRE publishes it (attack-stix-data, enterprise-attack.json). */
const bundle = z.object({
  type: z.literal("bundle"),
  objects: z.array(
    z.object({
      type: z.string(),
      id: z.string().optional(),
      name: z.string().optional(),
      revoked: z.boolean().optional(),
      x_mitre_deprecated: z.boolean().optional(),
      external_references: z
        .array(z.object({ source_name: z.string().optional(), external_id: z.string().optional() }))
        .optional(),
      relationship_type: z.string().optional(),
      source_ref: z.string().optional(),
      target_ref: z.string().optional(),
    }),
  ),
});

interface Technique {
  readonly name: string;
  readonly state: "current" | "revoked" | "deprecated";
  /** What stands in its place. */
  readonly by: string | undefined;
}

/** Techniques of ATT&CK by their number. */
export type Techniques = ReadonlyMap<string, Technique>;

/** Reads the techniques of a file. Throws a `UsageError` where it is no such bundle. */
export function readTechniques(file: string): Techniques {
  try {
    const { size } = statSync(file);
    if (size > maxBytes) throw new Error(`it has ${size} bytes, the limit is ${maxBytes}`);
    return techniquesOf(bundle.parse(JSON.parse(readFileSync(file, "utf8"))));
  } catch (error) {
    const why = error instanceof z.ZodError ? "it is no bundle of ATT&CK in STIX 2.1" : messageOf(error);
    throw new UsageError(`${file} cannot be used: ${why}.`, { cause: error });
  }
}

function techniquesOf({ objects }: z.infer<typeof bundle>): Techniques {
  const patterns = objects.filter(({ type }) => type === "attack-pattern");
  const numberOf = (each: (typeof objects)[number]): string | undefined =>
    each.external_references?.find(({ source_name }) => source_name === "mitre-attack")?.external_id;
  const byId = new Map(patterns.map((each) => [each.id, numberOf(each)]));
  const successors = new Map(
    objects
      .filter(({ relationship_type }) => relationship_type === "revoked-by")
      .map(({ source_ref, target_ref }) => [source_ref, byId.get(target_ref)]),
  );
  const techniques = new Map<string, Technique>();
  for (const each of patterns) {
    const number = numberOf(each);
    if (number === undefined) continue;
    const state = each.revoked ? "revoked" : each.x_mitre_deprecated ? "deprecated" : "current";
    // A number may have been used again; who has it now counts.
    if (state !== "current" && techniques.has(number)) continue;
    techniques.set(number, { name: each.name ?? "", state, by: successors.get(each.id) });
  }
  return techniques;
}

const number = /\bT\d{4}(?:\.\d{3})?\b/gi;

/** What rules say of ATT&CK and the file does not: as warnings, at the place of each rule. */
export function attackDoubts(rules: readonly Rule[], techniques: Techniques): Problem[] {
  return rules.flatMap((rule) => {
    const texts = [rule.technique, ...rule.tags.filter((tag) => /^attack\.t\d/i.test(tag))];
    const numbers = new Set(
      texts.flatMap((text) => text.match(number) ?? []).map((each) => each.toUpperCase()),
    );
    const said = [...numbers].flatMap((each) => doubtOf(each, techniques.get(each)) ?? []);
    const named = /^(T\d{4}(?:\.\d{3})?) - (.+)$/.exec(rule.technique);
    const known = named ? techniques.get(named[1]!) : undefined;
    // A part of a technique is also called by both names.
    if (
      named &&
      known?.state === "current" &&
      named[2] !== known.name &&
      !named[2]!.endsWith(`: ${known.name}`)
    )
      said.push(`ATT&CK calls ${named[1]} "${known.name}", not "${named[2]}".`);
    return said.map(
      (message): Problem => ({ ...rule.place, column: 1, path: "technique", message, severity: "warning" }),
    );
  });
}

function doubtOf(id: string, technique: Technique | undefined): string | undefined {
  if (!technique) return `ATT&CK has no technique ${id}.`;
  if (technique.state === "current") return undefined;
  const instead = technique.by === undefined ? "" : `; ${technique.by} stands in its place`;
  return `${id} (${technique.name}) is ${technique.state} in ATT&CK${instead}.`;
}
