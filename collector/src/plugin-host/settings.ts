import type { AnyPlugin, Clock, Logger, SettingField } from "@vedette/sdk";
import { secretPaths, settingFields } from "@vedette/sdk";
import {
  appendAudit,
  type ControlDatabase,
  nextRevision,
  type SecretBox,
  takeSealingTurn,
} from "../control/index.ts";

/** What holds for a plugin now. */
export interface Effective {
  /** Complete and checked. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Keys that the configuration file sets: pages cannot change them. */
  readonly locked: ReadonlySet<string>;
  /** Keys that are neither left at their default nor locked. */
  readonly stored: ReadonlySet<string>;
  readonly problems: readonly SettingProblem[];
}

export interface SettingProblem {
  readonly key: string;
  readonly message: string;
}

/** Settings could not be taken; each problem names its key. */
export class SettingsRefused extends Error {
  readonly problems: readonly SettingProblem[];
  constructor(problems: readonly SettingProblem[]) {
    super(problems.map(({ key, message }) => `${key}: ${message}`).join(" "));
    this.name = "SettingsRefused";
    this.problems = problems;
  }
}

interface SettingsDeps {
  readonly database: ControlDatabase;
  readonly secrets: SecretBox;
  /** The `plugins` section of the configuration file: what it says goes before what pages say. */
  readonly configured: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Settings of plugins: the configuration file's, then what was stored, then defaults. Secrets are sealed by their declared type. */
export class PluginSettings {
  readonly #deps: SettingsDeps;

  constructor(deps: SettingsDeps) {
    this.#deps = deps;
  }

  /** Never rejects for what is stored: a value that no longer fits is left out, and said. */
  async effective(plugin: AnyPlugin): Promise<Effective> {
    const configured = this.#deps.configured[plugin.id] ?? {};
    const stored = await this.#stored(plugin);
    const problems = [...stored.problems];
    const candidate = { ...stored.values, ...configured };
    for (;;) {
      const result = plugin.settings.safeParse(candidate);
      const known = new Set(Object.keys(stored.values).filter((key) => !(key in configured)));
      if (result.success)
        return {
          values: result.data as Record<string, unknown>,
          ...{ locked: new Set(Object.keys(configured)), stored: known, problems },
        };
      const faulty = problemsOf(result.error.issues);
      const removable = faulty.filter(({ key }) => known.has(key));
      problems.push(...faulty);
      // The configuration file was checked when it was loaded; what is left then are defaults.
      if (removable.length === 0)
        return {
          values: plugin.settings.parse({}) as Record<string, unknown>,
          ...{ locked: new Set(Object.keys(configured)), stored: new Set(), problems },
        };
      for (const { key } of removable) {
        delete candidate[key];
        delete stored.values[key];
      }
    }
  }

  /** What would hold after changes; null takes a setting back to its default. Throws `SettingsRefused`. */
  async preview(plugin: AnyPlugin, changes: Readonly<Record<string, unknown>>): Promise<Effective> {
    const now = await this.effective(plugin);
    const fields = settingFields(plugin.settings, {}, "en");
    const refused = Object.keys(changes).flatMap((key) => refusal(key, fields, now.locked));
    if (refused.length > 0) throw new SettingsRefused(refused);
    const kept = Object.fromEntries(
      [...now.locked, ...now.stored].map((key) => [key, now.values[key]] as const),
    );
    const asked = Object.entries(changes).filter(([, value]) => value !== null);
    for (const [key, value] of Object.entries(changes)) if (value === null) delete kept[key];
    const result = plugin.settings.safeParse({ ...kept, ...Object.fromEntries(asked) });
    if (!result.success) throw new SettingsRefused(problemsOf(result.error.issues));
    const stored = new Set([...now.stored, ...Object.keys(changes)].filter((key) => changes[key] !== null));
    return { values: result.data as Record<string, unknown>, locked: now.locked, stored, problems: [] };
  }

  /** Stores changes, and writes them into the audit trail. `actor` is who asks. Throws `SettingsRefused`. */
  async save(
    plugin: AnyPlugin,
    changes: Readonly<Record<string, unknown>>,
    actor: string,
  ): Promise<Effective> {
    const before = await this.effective(plugin);
    const after = await this.preview(plugin, changes);
    const secret = new Set(secretPaths(plugin.settings));
    const now = this.#deps.clock.now();
    await this.#deps.database.transaction().execute(async (transaction) => {
      await takeSealingTurn(transaction, now);
      for (const [key, value] of Object.entries(changes)) {
        const name = `plugin/${plugin.id}/${key}`;
        await transaction
          .deleteFrom("plugin_settings")
          .where("plugin", "=", plugin.id)
          .where("key", "=", key)
          .execute();
        if (value === null) continue;
        const text = JSON.stringify(after.values[key]);
        const row = {
          ...{ plugin: plugin.id, key, sealed: secret.has(key) ? 1 : 0, updated_at: now },
          value: secret.has(key) ? this.#deps.secrets.seal(name, text) : text,
        };
        await transaction.insertInto("plugin_settings").values(row).execute();
      }
      const shown = (key: string, { values }: Effective): unknown =>
        secret.has(key) ? { set: values[key] !== "" } : values[key];
      const changed = Object.keys(changes).map((key) => [
        key,
        { from: shown(key, before), to: shown(key, after) },
      ]);
      const detail = { settings: Object.fromEntries(changed) as unknown };
      await nextRevision(transaction, now);
      await appendAudit(
        transaction,
        { author: actor, action: "plugin.settings", subject: plugin.id, detail },
        now,
      );
    });
    for (const [key, value] of Object.entries(changes)) {
      const told = secret.has(key) ? {} : { value };
      this.#deps.log.info({ plugin: plugin.id, key, actor, ...told }, "A setting was changed.");
    }
    return after;
  }

  async #stored(
    plugin: AnyPlugin,
  ): Promise<{ values: Record<string, unknown>; problems: readonly SettingProblem[] }> {
    const rows = await this.#deps.database
      .selectFrom("plugin_settings")
      .selectAll()
      .where("plugin", "=", plugin.id)
      .execute();
    const values: Record<string, unknown> = {};
    const problems: SettingProblem[] = [];
    for (const { key, value, sealed } of rows) {
      try {
        const text = sealed ? this.#deps.secrets.open(`plugin/${plugin.id}/${key}`, value) : value;
        values[key] = JSON.parse(text);
      } catch (error) {
        problems.push({ key, message: `What is stored cannot be read: ${(error as Error).message}` });
      }
    }
    return { values, problems };
  }
}

const problemsOf = (
  issues: readonly {
    readonly path: readonly PropertyKey[];
    readonly message: string;
    readonly keys?: unknown;
  }[],
): SettingProblem[] =>
  issues.flatMap(({ path, message, keys }) =>
    path.length === 0 && Array.isArray(keys)
      ? keys.map((key) => ({ key: String(key), message: "There is no such setting." }))
      : [{ key: String(path[0] ?? ""), message }],
  );

function refusal(
  key: string,
  fields: readonly SettingField[],
  locked: ReadonlySet<string>,
): readonly SettingProblem[] {
  if (!fields.some((field) => field.key === key)) return [{ key, message: "There is no such setting." }];
  return locked.has(key)
    ? [{ key, message: "It is set in vedette.yaml (collector.plugins); change it there." }]
    : [];
}
