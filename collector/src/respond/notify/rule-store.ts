import { VedetteError } from "@vedette/sdk";
import { type NotificationsConfig, ruleSchema } from "../../config/index.ts";
import type { ControlDatabase } from "../../control/index.ts";
import { type CompiledRule, compileRule } from "./compile.ts";

/** A rule as pages see it. */
export interface RuleEntry {
  readonly name: string;
  /** As it was written. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly source: "configuration" | "database";
  /** Grows with every change; 0 for those of the configuration. */
  readonly version: number;
  /** Why a stored rule cannot be used. */
  readonly problem?: string;
}

const mostRules = 500;
const table = "notification_rules";

/** Rules of the configuration and of the control database. */
export class RuleStore {
  readonly #database: ControlDatabase;
  readonly #configured: ReadonlyMap<string, CompiledRule>;
  readonly #compiled = new Map<
    string,
    { readonly version: number; readonly rule: CompiledRule | undefined }
  >();
  #rules: readonly CompiledRule[];

  constructor(database: ControlDatabase, { rules }: NotificationsConfig) {
    this.#database = database;
    this.#configured = new Map(
      Object.entries(rules).map(([name, settings]) => [name, compileRule({ ...settings, name })]),
    );
    this.#rules = [...this.#configured.values()];
  }

  /** The rules as they were when they were read last. */
  get rules(): readonly CompiledRule[] {
    return this.#rules;
  }

  /** Reads them again; rules that did not change keep what they have counted. */
  async refresh(): Promise<void> {
    const rows = await this.#database.selectFrom(table).selectAll().orderBy("name").execute();
    const stored = rows.filter(({ name }) => !this.#configured.has(name));
    for (const name of this.#compiled.keys())
      if (!stored.some((row) => row.name === name)) this.#compiled.delete(name);
    const rules = stored.flatMap(({ name, version, settings }) => {
      const known = this.#compiled.get(name);
      if (known?.version === version) return known.rule ?? [];
      const parsed = ruleSchema.safeParse(JSON.parse(settings));
      const rule = parsed.success ? compileRule({ ...parsed.data, name }) : undefined;
      this.#compiled.set(name, { version, rule });
      return rule ?? [];
    });
    this.#rules = [...this.#configured.values(), ...rules];
  }

  async list(): Promise<RuleEntry[]> {
    const rows = await this.#database.selectFrom(table).selectAll().orderBy("name").execute();
    const configured = [...this.#configured.values()].map(
      (rule): RuleEntry => ({
        name: rule.name,
        settings: shownOf(rule),
        source: "configuration",
        version: 0,
      }),
    );
    const stored = rows.map(({ name, settings, version }): RuleEntry => {
      const written = JSON.parse(settings) as Record<string, unknown>;
      const problem = this.#configured.has(name)
        ? "The configuration has a rule of this name, which holds."
        : ruleSchema.safeParse(written).error?.issues[0]?.message;
      return { name, settings: written, source: "database", version, ...(problem && { problem }) };
    });
    return [...configured, ...stored];
  }

  /** Makes or changes a rule. `version` is the one that was seen, 0 for a new one. Throws `connection.conflict`. */
  async put(
    name: string,
    settings: Record<string, unknown>,
    version: number,
    now: number,
  ): Promise<RuleEntry> {
    if (this.#configured.has(name))
      throw conflict(`The rule "${name}" is in the configuration; change it there.`);
    const entry = await this.#database.transaction().execute(async (transaction): Promise<RuleEntry> => {
      const rows = await transaction.selectFrom(table).select(["name", "version"]).execute();
      const before = rows.find((row) => row.name === name)?.version ?? 0;
      if (before !== version)
        throw conflict(`The rule "${name}" is at version ${before} by now, not ${version}.`);
      if (before === 0 && rows.length >= mostRules)
        throw new RangeError(`There are ${mostRules} rules already; remove some.`);
      const values = { settings: JSON.stringify(settings), version: version + 1, updated_at: now };
      await transaction
        .insertInto(table)
        .values({ name, ...values })
        .onConflict((on) => on.column("name").doUpdateSet(values))
        .execute();
      return { name, settings, source: "database", version: version + 1 };
    });
    await this.refresh();
    return entry;
  }

  /** False where there is none. Throws `connection.conflict` for one of the configuration. */
  async remove(name: string): Promise<boolean> {
    if (this.#configured.has(name))
      throw conflict(`The rule "${name}" is in the configuration; remove it there.`);
    const { numDeletedRows } = await this.#database
      .deleteFrom(table)
      .where("name", "=", name)
      .executeTakeFirst();
    await this.refresh();
    return numDeletedRows > 0n;
  }
}

/** What a compiled rule was made of, without what is not JSON. */
function shownOf(rule: CompiledRule): Record<string, unknown> {
  const { titleTemplate, textTemplate, name, ...settings } = rule;
  void [titleTemplate, textTemplate, name];
  return JSON.parse(JSON.stringify(settings)) as Record<string, unknown>;
}

const conflict = (message: string): VedetteError =>
  new VedetteError("connection.conflict", message, { verdict: "drop" });
