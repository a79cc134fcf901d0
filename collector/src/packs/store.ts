import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { formatProblem } from "@vedette/core/config";
import { lockDir } from "@vedette/core/lock";
import { type Clock, messageOf } from "@vedette/sdk";
import { z } from "zod";
import { loadRules } from "../detect/index.ts";
import { type PackManifest, packName } from "./manifest.ts";
import {
  envelopeBytes,
  manifestOf,
  openPack,
  type SealedPack,
  type TrustedKey,
  type VerifiedPack,
  verifyPack,
} from "./pack.ts";
import { refused } from "./refusal.ts";

export interface PackPlace {
  /** Where packs are installed, absolute. */
  readonly folder: string;
  readonly trusted: readonly TrustedKey[];
  readonly maxBytes: number;
}

/** A pack as it lies on the disk. */
export interface InstalledPack {
  readonly name: string;
  /** Its files; the same path whatever version is installed. */
  readonly dir: string;
  /** Undefined where it cannot be trusted any more. */
  readonly manifest: PackManifest | undefined;
  readonly signedBy: string | undefined;
  /** Why it cannot be used. */
  readonly problem?: string;
  /** After its time: it runs on, but something newer should be there. */
  readonly expired: boolean;
}

const entry = z.object({
  at: z.string(),
  action: z.enum(["install", "rollback"]),
  version: z.string(),
  sequence: z.int(),
  reason: z.string().optional(),
  /** Who, where that is known: whoever may write the folder is not. */
  by: z.string().optional(),
});
/** One install of a pack. */
export type PackHistory = z.infer<typeof entry>;
/** `state.json`: what was installed. `highest` only grows, whatever is rolled back. */
const stateShape = z.object({
  highest: z.int(),
  /** Of the manifest with the highest sequence. */
  highestDigest: z.string(),
  history: z.array(entry),
});
type State = z.infer<typeof stateShape>;

/** A version of a pack, by what its manifest says of it. */
export type PackVersion = Pick<PackManifest, "version" | "sequence" | "created">;

/** All that is known of a pack. */
export interface PackRecord extends InstalledPack {
  /** The highest sequence that was ever installed. */
  readonly highest: number;
  /** Installs, the latest last. */
  readonly history: readonly PackHistory[];
  /** Versions that lie beside the one that is installed, and can be gone back to without their file. */
  readonly kept: readonly PackVersion[];
}

/** A pack that may be installed, and what it would take the place of. */
export interface PackCheck {
  readonly pack: VerifiedPack;
  readonly before: PackVersion | undefined;
  /** It is older than one that was installed before, so installing it needs a reason. */
  readonly lower: boolean;
}

/** Who installs, and why where it is a step back. */
interface InstallBy {
  readonly rollback?: string | undefined;
  readonly by?: string | undefined;
}

/** What an install did. */
export interface PackInstall {
  readonly outcome: "installed" | "rolled back" | "unchanged";
  readonly pack: VerifiedPack;
  readonly rules: number;
  readonly before: Pick<PackManifest, "version" | "sequence"> | undefined;
}

const maxHistory = 100;
const current = "current";
const envelopeFile = "envelope.json";

/** The packs of a collector: each in a folder of its own, in which `current` leads to the version that is installed. */
export class PackStore {
  readonly #place: PackPlace;
  readonly #clock: Clock;

  constructor(place: PackPlace, clock: Clock) {
    this.#place = place;
    this.#clock = clock;
  }

  /**
   * Installs a pack in place of the one of its name, at one moment. `rollback` is the reason for taking one of a lower
   * sequence. Throws `pack.refused`, and leaves all as it was.
   */
  async install(bytes: Buffer, { rollback, by }: InstallBy = {}): Promise<PackInstall> {
    const { sealed, pack } = this.#opened(bytes);
    const home = join(this.#place.folder, pack.manifest.name);
    await mkdir(home, { recursive: true });
    const unlock = await lockDir(home, (why) => refused(`${why} Try again when that is done.`));
    try {
      return await this.#installInto(home, sealed, pack, { rollback, by });
    } finally {
      await unlock();
    }
  }

  /** What an install would do, without doing it. Throws `pack.refused` as that would, but for rules that cannot run. */
  async check(bytes: Buffer): Promise<PackCheck> {
    const { pack } = this.#opened(bytes);
    const home = join(this.#place.folder, pack.manifest.name);
    const state = await readState(home);
    return {
      ...{ pack, before: (await this.#look(home)).manifest },
      lower: state !== undefined && pack.manifest.sequence < state.highest,
    };
  }

  /** Installs a version that lies beside the one that is installed; see `install`. Throws `pack.refused` where it does not. */
  async goBack(name: string, sequence: number, to: InstallBy): Promise<PackInstall> {
    const home = join(this.#place.folder, packName.parse(name));
    const folder = (await versionsIn(home)).find((each) => each.startsWith(`v${sequence}-`));
    if (folder === undefined)
      throw refused(`The sequence ${sequence} of "${name}" does not lie here any more.`);
    const { bytes } = await sealedIn(join(home, folder)).catch((error: unknown) => {
      throw refused(`What lies here of it cannot be read: ${messageOf(error)}`, error);
    });
    return this.install(bytes, to);
  }

  #opened(bytes: Buffer): { readonly sealed: SealedPack; readonly pack: VerifiedPack } {
    const { trusted, maxBytes } = this.#place;
    if (bytes.length > maxBytes) throw refused(`It has ${bytes.length} bytes, the limit is ${maxBytes}.`);
    const sealed = openPack(bytes);
    const pack = verifyPack(sealed, trusted);
    const { expires } = pack.manifest;
    if (this.#clock.now() > Date.parse(expires))
      throw refused(`It expired at ${expires}: what is newest now must be asked for from who signs it.`);
    return { sealed, pack };
  }

  async #installInto(
    home: string,
    sealed: SealedPack,
    pack: VerifiedPack,
    { rollback, by }: InstallBy,
  ): Promise<PackInstall> {
    const { version, sequence } = pack.manifest;
    const digest = createHash("sha256").update(sealed.envelope.payload).digest("hex");
    const state = await readState(home);
    const before = (await this.#look(home)).manifest;
    const lower = state !== undefined && sequence < state.highest;
    if (lower && rollback === undefined) throw refused(lowerText(sequence, state.highest));
    if (state?.highest === sequence && state.highestDigest !== digest)
      throw refused(
        `Another pack with the sequence ${sequence} was installed before; a release takes a new one.`,
      );
    const folder = `v${sequence}-${digest.slice(0, 12)}`;
    const made = join(home, `.new-${randomUUID()}`);
    try {
      await unpack(made, sealed, pack);
      const rules = soundRules(made);
      if ((await targetOf(home)) === folder && (await this.#look(home)).problem === undefined)
        return { outcome: "unchanged", pack, rules, before };
      // First the memory of it: whatever happens next, nothing lower gets in.
      const action = lower ? ("rollback" as const) : ("install" as const);
      const at = new Date(this.#clock.now()).toISOString();
      const told = {
        ...{ at, action, version, sequence },
        ...(lower && { reason: rollback! }),
        ...(by !== undefined && { by }),
      };
      await writeState(home, {
        ...(lower
          ? { highest: state.highest, highestDigest: state.highestDigest }
          : { highest: sequence, highestDigest: digest }),
        history: [...(state?.history ?? []), told].slice(-maxHistory),
      });
      await rm(join(home, folder), { recursive: true, force: true });
      await rename(made, join(home, folder));
      const previous = await targetOf(home);
      const link = join(home, `.link-${randomUUID()}`);
      await symlink(folder, link);
      await rename(link, join(home, current));
      await tidy(home, [folder, previous]);
      return { outcome: lower ? "rolled back" : "installed", pack, rules, before };
    } finally {
      await rm(made, { recursive: true, force: true });
    }
  }

  /** Takes a pack away. What was its highest sequence stays known. False where there is none. */
  async remove(name: string): Promise<boolean> {
    const home = join(this.#place.folder, packName.parse(name));
    if ((await targetOf(home)) === undefined) return false;
    await rm(join(home, current), { force: true });
    await tidy(home, []);
    return true;
  }

  /** All packs, each checked again: its signature by the keys that are trusted now, and every file. */
  async all(): Promise<readonly InstalledPack[]> {
    const names = await readdir(this.#place.folder).catch(() => []);
    const packs: InstalledPack[] = [];
    for (const name of names.sort()) {
      const home = join(this.#place.folder, name);
      if (packName.safeParse(name).success && (await targetOf(home)) !== undefined)
        packs.push(await this.#look(home));
    }
    return packs;
  }

  /** One pack with its past; undefined where it is not installed. */
  async one(name: string): Promise<PackRecord | undefined> {
    const home = join(this.#place.folder, packName.parse(name));
    const target = await targetOf(home);
    if (target === undefined) return undefined;
    const state = await readState(home);
    const kept: PackVersion[] = [];
    for (const folder of await versionsIn(home)) {
      if (folder === target) continue;
      // What is damaged cannot be gone back to, and is not offered.
      const found = await sealedIn(join(home, folder)).catch(() => undefined);
      if (found) kept.push(manifestOf(openPack(found.bytes)));
    }
    const { highest = 0, history = [] } = state ?? {};
    return { ...(await this.#look(home)), highest, history, kept };
  }

  async #look(home: string): Promise<InstalledPack> {
    const dir = join(home, current);
    const base = { name: home.slice(dirname(home).length + 1), dir };
    try {
      const { bytes, paths } = await sealedIn(dir);
      const { manifest, signedBy } = verifyPack(openPack(bytes), this.#place.trusted);
      if (manifest.name !== base.name) throw refused(`It is a pack named "${manifest.name}".`);
      await refuseStrangers(dir, new Set(paths));
      return { ...base, manifest, signedBy, expired: this.#clock.now() > Date.parse(manifest.expires) };
    } catch (error) {
      return { ...base, manifest: undefined, signedBy: undefined, problem: messageOf(error), expired: false };
    }
  }
}

const lowerText = (sequence: number, highest: number): string =>
  `Its sequence ${sequence} is lower than ${highest}, which was installed before. To go back on purpose, give the reason with --rollback.`;

/** A pack as it was before it was unpacked into a folder. */
async function sealedIn(dir: string): Promise<{ readonly bytes: Buffer; readonly paths: readonly string[] }> {
  const envelope = await readFile(join(dir, envelopeFile));
  // Where a manifest may lead at all, its shape says; who signed it is looked at with the files.
  const paths = manifestOf(openPack(envelope)).files.map(({ path }) => path);
  const body = await Promise.all(paths.map((path) => readFile(join(dir, path))));
  return { bytes: Buffer.concat([envelope, ...body]), paths };
}

const isVersion = (name: string): boolean => /^v\d+-[0-9a-f]{12}$/.test(name);

const versionsIn = async (home: string): Promise<string[]> =>
  (await readdir(home).catch(() => [])).filter(isVersion).sort();

/** Nobody signed a file that is in the folder only. */
async function refuseStrangers(dir: string, known: ReadonlySet<string>): Promise<void> {
  const entries = await readdir(join(dir, "."), { recursive: true, withFileTypes: true });
  for (const each of entries) {
    const path = join(each.parentPath, each.name).slice(join(dir, ".").length + 1);
    if (!each.isDirectory() && path !== envelopeFile && !known.has(path))
      throw refused(`${path} is no part of what was signed.`);
  }
}

async function unpack(dir: string, sealed: SealedPack, { files }: VerifiedPack): Promise<void> {
  await mkdir(dir);
  for (const [path, bytes] of files) {
    const file = join(dir, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes, { flag: "wx", flush: true });
  }
  await writeFile(join(dir, envelopeFile), envelopeBytes(sealed), { flag: "wx", flush: true });
}

/** The number of rules of a folder. Throws `pack.refused` where one of them cannot run: it would stop every reload. */
function soundRules(dir: string): number {
  const { rules, problems } = loadRules(rulePaths(dir));
  if (problems.length === 0) return rules.length;
  const told = problems.slice(0, 20).map(formatProblem);
  throw refused(`Its rules cannot run here:\n${told.join("\n").replaceAll(`${dir}/`, "")}`);
}

/** Where rules and field mappings are in a pack. */
export const rulePaths = (dir: string): string[] =>
  ["rules", "mappings"].map((part) => join(dir, part)).filter((path) => existsSync(path));

async function targetOf(home: string): Promise<string | undefined> {
  return readlink(join(home, current)).catch(() => undefined);
}

async function readState(home: string): Promise<State | undefined> {
  let text: string;
  try {
    text = await readFile(join(home, "state.json"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw refused(`What was installed before cannot be read: ${messageOf(error)}.`, error);
  }
  try {
    return stateShape.parse(JSON.parse(text));
  } catch (error) {
    // Taken for nothing, an older pack would get in.
    throw refused(`${join(home, "state.json")} is damaged; put back a copy of it.`, error);
  }
}

async function writeState(home: string, state: State): Promise<void> {
  const file = join(home, `.state-${randomUUID()}`);
  await writeFile(file, `${JSON.stringify(state, null, 2)}\n`, { flush: true });
  await rename(file, join(home, "state.json"));
}

/** Removes versions but those that are named, and what installs that were cut off left. */
async function tidy(home: string, kept: readonly (string | undefined)[]): Promise<void> {
  for (const name of await readdir(home)) {
    const old = isVersion(name) && !kept.includes(name);
    if (old || /^\.(?:new|link|state)-/.test(name))
      await rm(join(home, name), { recursive: true, force: true });
  }
}
