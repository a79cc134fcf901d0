import type { Command } from "commander";
import { keyOption, urlOption } from "../../live/api.ts";

const configOption = [
  "--config <file>",
  "configuration of the collector; vedette.yaml when it exists",
] as const;
const trustOption = [
  "--trust <key>",
  "public key to trust instead of those of the configuration; repeat for more",
  (value: string, all: string[]): string[] => [...all, value],
  [] as string[],
] as const;

/** `vedette rules pack …`: signed packs of rules. */
export function addRulesPack(rules: Command): void {
  const pack = rules
    .command("pack")
    .description("Build, sign, verify and install signed packs of rules.")
    .addHelpText(
      "after",
      `
A pack is one file with rules, field mappings, lists and tests, and with a signature over all of it. A collector takes only packs
of keys that its configuration trusts (collector.packs.trusted), none that expired, and none older than one it had.

From a folder to a collector:
  vedette rules pack keygen --out pack.key            prints the public key: put it under collector.packs.trusted
  vedette rules pack build acme/ --key pack.key       runs its tests and writes acme-7.vpack
  vedette rules pack verify acme-7.vpack
  vedette rules pack install acme-7.vpack && vedette rules reload`,
    );
  const act = async () => import("./actions.ts");
  pack
    .command("keygen")
    .description("Make a key to sign packs with; prints the public key.")
    .requiredOption("--out <file>", "where the private key goes; must not exist")
    .action(async (options) => (await act()).keygen(options));
  pack
    .command("build")
    .description("Make a pack of a folder.")
    .argument("<folder>", "folder with pack.yaml")
    .option("--out <file>", "the pack; NAME-SEQUENCE.vpack when left out")
    .option("--key <file>", "private key to sign with; else sign it later")
    .option("--no-tests", "do not run the tests in its folder tests/")
    .addHelpText(
      "after",
      `
The folder:
  pack.yaml   name: acme, version: 1.2.0, sequence: 7, validDays: 365, description: ...
  rules/      rule files     mappings/  field mappings of Sigma rules
  lists/      NAME.txt: the list NAME, for onList()     tests/  test folders, see "vedette rules test"
  LICENSE, NOTICE, README (.md, .txt)
The sequence grows with each release: that, and not the version, keeps collectors from going back. Rules that cannot run and tests
that fail make no pack.

Example:
  vedette rules pack build acme/ --key pack.key --out acme.vpack`,
    )
    .action(async (folder, options) => (await act()).build(folder, options));
  pack
    .command("sign")
    .description("Add a signature to a pack, in place.")
    .argument("<file>", "the pack")
    .requiredOption("--key <file>", "private key to sign with")
    .addHelpText("after", "\nExample:\n  vedette rules pack sign acme-7.vpack --key pack.key")
    .action(async (file, options) => (await act()).signFile(file, options));
  pack
    .command("verify")
    .description("Check a pack without installing it: signature, time, and every file.")
    .argument("<file>", "the pack")
    .option(...configOption)
    .option(...trustOption)
    .option("--json", "its manifest as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  vedette rules pack verify acme-7.vpack\n\nExit codes: 0 good, 1 refused, 2 wrong usage.",
    )
    .action(async (file, options) => (await act()).verify(file, options));
  pack
    .command("install")
    .description("Install a pack in place of the one of its name, at one moment.")
    .argument("<file>", "the pack")
    .option(...configOption)
    .option("--rollback <reason>", "take one of a lower sequence, and write down why")
    .option("--reload", "then have the running collector read its rules again")
    .option(...urlOption)
    .option(...keyOption)
    .option("--json", "what was done as JSON")
    .addHelpText(
      "after",
      `
Run it as the user of the collector. Refused, and nothing is changed: a pack without a good signature of a trusted key, after its
time, with a lower sequence than one that was installed before, with a file that is not what was signed, over collector.packs.maxMiB,
or with rules that cannot run. The rules run after the next reload; lists that are new after a restart.

Examples:
  vedette rules pack install acme-7.vpack --reload
  vedette rules pack install acme-6.vpack --rollback "7 alerts on every login"`,
    )
    .action(async (file, options) => (await act()).install(file, options));
  pack
    .command("list")
    .description("List the installed packs, each checked again.")
    .option(...configOption)
    .option("--json", "as JSON")
    .action(async (options) => (await act()).list(options));
  pack
    .command("remove")
    .description("Take an installed pack away. Its sequence stays known.")
    .argument("<name>", "name of the pack")
    .option(...configOption)
    .action(async (name, options) => (await act()).remove(name, options));
}
