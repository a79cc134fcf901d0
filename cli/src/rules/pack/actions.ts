import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { openPackStore, packTools } from "@vedette/collector";
import { messageOf, systemClock } from "@vedette/sdk";
import { columns } from "../../alerts/api.ts";
import { loadConfig } from "../../config-file.ts";
import { UsageError } from "../../exit.ts";
import { plain } from "../../live/plain.ts";
import { untilStopped } from "../../signals.ts";
import { collectorPlace } from "../../state-dirs.ts";
import { many, reloadRules } from "../reload.ts";
import { packOf } from "./build.ts";

interface WithConfig {
  readonly config?: string;
}

const out = (text: string): void => void process.stdout.write(`${text}\n`);

export async function keygen({ out: file }: { readonly out: string }): Promise<void> {
  const { privatePem, publicKey } = (await packTools()).newSigningKey();
  // Never over a key that signs already.
  written(file, () => writeFileSync(file, privatePem, { mode: 0o600, flag: "wx" }));
  out(publicKey);
}

interface BuildOptions {
  readonly out?: string;
  readonly key?: string;
  readonly tests: boolean;
}

export async function build(folder: string, options: BuildOptions): Promise<void> {
  const tools = await packTools();
  const { pack, rules, tested } = packOf(folder, tools, systemClock.now(), options);
  const { name, version, sequence } = tools.manifestOf(pack);
  const file = options.out ?? `${name}-${sequence}.vpack`;
  const whole =
    options.key === undefined ? pack : tools.signPack(pack, tools.privateKeyOf(read(options.key).toString()));
  replace(file, tools.packBytes(whole));
  const told = options.key === undefined ? "not signed yet" : "signed";
  out(
    `${file}: ${name} ${plain(version)}, sequence ${sequence}, ${many(rules, "rule")}, ${many(tested, "test")} passed, ${told}`,
  );
}

export async function signFile(file: string, { key }: { readonly key: string }): Promise<void> {
  const tools = await packTools();
  const pack = tools.openPack(read(file));
  const { name, sequence } = tools.manifestOf(pack);
  const signed = tools.signPack(pack, tools.privateKeyOf(read(key).toString()));
  replace(file, tools.packBytes(signed));
  out(`${file}: ${name}, sequence ${sequence}, ${many(signed.envelope.signatures.length, "signature")}`);
}

interface VerifyOptions extends WithConfig {
  readonly trust: readonly string[];
  readonly json?: true;
}

export async function verify(file: string, { config, trust, json }: VerifyOptions): Promise<void> {
  const tools = await packTools();
  const { packs } = loadConfig(config).config.collector;
  const trusted = trust.length > 0 ? trust.map((key) => ({ key, packs: ["*"] })) : packs.trusted;
  const { manifest, signedBy } = tools.verifyPack(
    tools.openPack(read(file, packs.maxMiB * 2 ** 20)),
    trusted,
  );
  if (systemClock.now() > Date.parse(manifest.expires))
    throw tools.refused(`It expired at ${manifest.expires}.`);
  const { name, version, sequence, created, expires, files } = manifest;
  if (json) out(JSON.stringify({ ...manifest, signedBy }, null, 2));
  else
    out(
      `${name} ${plain(version)}, sequence ${sequence}, ${many(files.length, "file")}, made ${created}, good until ${expires}, signed by ${signedBy}`,
    );
}

interface InstallOptions extends WithConfig {
  readonly rollback?: string;
  readonly reload?: true;
  readonly url: string;
  readonly key?: string;
  readonly json?: true;
}

export async function install(file: string, options: InstallOptions): Promise<void> {
  if (options.rollback?.trim() === "") throw new UsageError("--rollback needs the reason.");
  const { collector } = loadConfig(options.config).config;
  const bytes = read(file, collector.packs.maxMiB * 2 ** 20);
  const { outcome, pack, rules, before } = await (await storeOf(options)).install(bytes, {
    rollback: options.rollback,
  });
  const { name, version, sequence } = pack.manifest;
  if (options.json) out(JSON.stringify({ outcome, name, version, sequence, rules, before: before ?? null }));
  else {
    const from =
      before && outcome !== "unchanged"
        ? `, before ${plain(before.version)} (sequence ${before.sequence})`
        : "";
    out(`${outcome}: ${name} ${plain(version)}, sequence ${sequence}, ${many(rules, "rule")}${from}`);
  }
  if (options.reload) await reloadRules(options, untilStopped());
}

export async function list(options: WithConfig & { readonly json?: true }): Promise<void> {
  const packs = await (await storeOf(options)).all();
  const rows = packs.map(({ name, manifest, signedBy, problem, expired }) => ({
    ...{
      name,
      version: manifest?.version,
      sequence: manifest?.sequence,
      expires: manifest?.expires,
      signedBy,
    },
    state: problem ?? (expired ? "expired" : "good"),
  }));
  if (options.json) out(JSON.stringify(rows, null, 2));
  else if (rows.length === 0) out("No packs are installed.");
  else {
    const cells = rows.map((row) =>
      [row.name, row.version, row.sequence, row.expires, row.state].map((each) => plain(String(each ?? "-"))),
    );
    process.stdout.write(columns([["NAME", "VERSION", "SEQUENCE", "EXPIRES", "STATE"], ...cells]));
  }
  if (packs.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
}

export async function remove(name: string, options: WithConfig): Promise<void> {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name) || !(await (await storeOf(options)).remove(name)))
    throw new UsageError(`No pack "${name}" is installed.`);
  out(`removed: ${name}`);
}

function storeOf({ config }: WithConfig): ReturnType<typeof openPackStore> {
  const place = collectorPlace(config === undefined ? {} : { config });
  return openPackStore(loadConfig(config).config.collector, place, systemClock);
}

function read(file: string, most = Number.POSITIVE_INFINITY): Buffer {
  try {
    const { size } = statSync(file);
    if (size > most) throw new Error(`it has ${size} bytes, the limit is ${most}`);
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`${resolve(file)} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
}

/** All of a file or nothing of it. */
function replace(file: string, bytes: Buffer): void {
  written(file, () => {
    writeFileSync(`${file}.new`, bytes, { flush: true });
    renameSync(`${file}.new`, file);
  });
}

function written(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new UsageError(`${resolve(file)} cannot be written: ${messageOf(error)}.`, { cause: error });
  }
}
