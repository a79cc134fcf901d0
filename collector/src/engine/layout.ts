import { createHash } from "node:crypto";
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where the engine keeps its things below the collector's state directory. */
export interface EngineLayout {
  readonly dataDirectory: string;
  readonly configFile: string;
  readonly spoolDirectories: readonly string[];
}

/** Bounds that only the engine's own configuration file can set. */
export interface EngineMemory {
  /** All of the engine's memory, in bytes. */
  readonly maxMemoryBytes: number;
  /** One statement's memory, in bytes. */
  readonly maxQueryMemoryBytes: number;
  /** The cache of index marks, in bytes. */
  readonly markCacheBytes: number;
  /** Background merges at a time. */
  readonly mergeThreads: number;
  /** Seconds that a statement may run unless it asks for less. */
  readonly maxQuerySeconds: number;
}

/** Makes the directories (0700) and writes the configuration files, which are ours and overwritten at each start. */
export async function prepareLayout(
  stateDir: string,
  database: string,
  memory: EngineMemory,
): Promise<EngineLayout> {
  const root = join(stateDir, "engine");
  await mkdir(join(root, "data"), { recursive: true, mode: 0o700 });
  const real = await realpath(root);
  const usersFile = join(real, "users.xml");
  await writeFile(usersFile, usersXml(database, memory), { mode: 0o600 });
  const configFile = join(real, "config.xml");
  await writeFile(configFile, configXml(usersFile, memory), { mode: 0o600 });
  // One name for one state directory, so that the next start clears what a killed process left in memory.
  const name = `vedette-${process.getuid?.() ?? 0}-${createHash("sha256").update(real).digest("hex").slice(0, 16)}`;
  return {
    dataDirectory: join(real, "data"),
    configFile,
    spoolDirectories: [join("/dev/shm", name), join(real, "spool")],
  };
}

const xml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function configXml(usersFile: string, memory: EngineMemory): string {
  return `<clickhouse>
  <users_config>${xml(usersFile)}</users_config>
  <max_server_memory_usage>${memory.maxMemoryBytes}</max_server_memory_usage>
  <mark_cache_size>${memory.markCacheBytes}</mark_cache_size>
  <background_pool_size>${memory.mergeThreads}</background_pool_size>
</clickhouse>
`;
}

/**
 * Settings that nobody may change: an insert must be on disk when it is acknowledged, and the others would read or
 * write files of the host, call services, or have text read in another language than the gate reads it in.
 */
const fixedSettings =
  "async_insert dialect polyglot_dialect allow_experimental_kusto_dialect allow_experimental_prql_dialect " +
  "allow_experimental_polyglot_dialect allow_experimental_eval_table_function allow_experimental_ai_functions " +
  "format_schema format_schema_source output_format_schema format_template_row format_template_resultset " +
  "format_template_row_format format_template_resultset_format input_format_record_errors_file_path " +
  "rename_files_after_processing";

function usersXml(database: string, memory: EngineMemory): string {
  const grants = [
    `GRANT SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP, TRUNCATE, OPTIMIZE, SHOW, CHECK ON ${database}.*`,
    "GRANT SELECT ON system.*",
    "GRANT KILL QUERY ON *.*",
  ];
  const fixed = fixedSettings.split(" ").map((name) => `<${name}><const/></${name}>`);
  return `<clickhouse>
  <profiles><default>
    <async_insert>0</async_insert>
    <max_memory_usage>${memory.maxQueryMemoryBytes}</max_memory_usage>
    <max_execution_time>${memory.maxQuerySeconds}</max_execution_time>
    <constraints>
      ${fixed.join("\n      ")}
      <max_memory_usage><max>${memory.maxQueryMemoryBytes}</max></max_memory_usage>
    </constraints>
  </default></profiles>
  <quotas><default/></quotas>
  <users><default>
    <password/>
    <networks><ip>::1</ip><ip>127.0.0.1</ip></networks>
    <profile>default</profile>
    <quota>default</quota>
    <grants>
      ${grants.map((query) => `<query>${query}</query>`).join("\n      ")}
    </grants>
  </default></users>
</clickhouse>
`;
}
