import { createPrivateKey } from "node:crypto";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock } from "@vedette/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newSigningKey, publicText } from "./keys.ts";
import type { PackManifest } from "./manifest.ts";
import { buildPack, openPack, packBytes, type SealedPack, signPack } from "./pack.ts";
import { PackStore } from "./store.ts";

const start = Date.UTC(2026, 5, 1);
const day = 86_400_000;
const ours = newSigningKey();
const theirs = newSigningKey();
const rule = (name: string): string => `name: ${name}\ndataTypes: [sshd]\nwhere: "true"\n`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-packs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = (text: string) => [
  { path: "rules/a.yaml", bytes: Buffer.from(text) },
  { path: "lists/bad.txt", bytes: Buffer.from("192.0.2.1\n") },
];
const head = (sequence: number, more: Partial<PackManifest> = {}) => ({
  ...{ name: "acme", version: `1.${sequence}`, sequence, description: "" },
  ...{ created: new Date(start).toISOString(), expires: new Date(start + 30 * day).toISOString() },
  ...more,
});
const unsigned = (sequence = 1, text = rule("a"), more: Partial<PackManifest> = {}): SealedPack =>
  buildPack(head(sequence, more), files(text));
const signed = (...of: Parameters<typeof unsigned>): Buffer =>
  packBytes(signPack(unsigned(...of), createPrivateKey(ours.privatePem)));

function opened(more: { readonly packs?: string[]; readonly maxBytes?: number } = {}) {
  const { packs = ["*"], maxBytes = 1 << 20 } = more;
  const clock = manualClock(start);
  const store = new PackStore({ folder, trusted: [{ key: ours.publicKey, packs }], maxBytes }, clock);
  const installed = async () =>
    (await store.all()).map(({ manifest, problem }) => problem ?? manifest!.version);
  const text = () => readFileSync(join(folder, "acme", "current", "rules", "a.yaml"), "utf8");
  return { store, clock, installed, text };
}

/** A pack whose manifest somebody wrote by hand, rightly signed: what a signer may be brought to sign. */
function handmade(change: (manifest: { files: { path: string; size: number }[] }) => void): Buffer {
  const { envelope, body } = unsigned();
  const manifest = JSON.parse(Buffer.from(envelope.payload, "base64").toString("utf8"));
  change(manifest);
  const payload = Buffer.from(JSON.stringify(manifest)).toString("base64");
  return packBytes(signPack({ envelope: { ...envelope, payload }, body }, createPrivateKey(ours.privatePem)));
}

describe("a pack of rules", () => {
  it("is installed, replaced by a newer one, and not installed twice", async () => {
    const { store, installed, text } = opened();
    expect(await store.install(signed(1))).toMatchObject({
      outcome: "installed",
      rules: 1,
      before: undefined,
    });
    expect(await store.install(signed(1))).toMatchObject({ outcome: "unchanged" });
    expect(await store.install(signed(3, rule("c")))).toMatchObject({
      ...{ outcome: "installed", before: { version: "1.1", sequence: 1 } },
      pack: { signedBy: ours.publicKey },
    });
    expect([await installed(), text()]).toEqual([["1.3"], rule("c")]);
    await store.install(signed(4));
    const versions = readdirSync(join(folder, "acme")).filter((each) => each.startsWith("v"));
    // The one before stays at hand; what was cut off or is older does not.
    expect(versions.map((each) => each.split("-")[0]).sort()).toEqual(["v3", "v4"]);
    expect(await store.remove("acme")).toBe(true);
    expect(await installed()).toEqual([]);
    await expect(store.install(signed(3))).rejects.toThrow("sequence 3 is lower than 4");
  });

  it("goes back only with a reason, and remembers how far it was", async () => {
    const { store, installed } = opened();
    await store.install(signed(2));
    await expect(store.install(signed(1))).rejects.toThrow("sequence 1 is lower than 2");
    expect(await store.install(signed(1), { rollback: "2 is too loud" })).toMatchObject({
      outcome: "rolled back",
    });
    expect(await installed()).toEqual(["1.1"]);
    const { highest, history } = JSON.parse(readFileSync(join(folder, "acme", "state.json"), "utf8"));
    expect([highest, history.at(-1)]).toEqual([
      2,
      expect.objectContaining({ action: "rollback", sequence: 1, reason: "2 is too loud" }),
    ]);
    await expect(store.install(signed(2, rule("other")))).rejects.toThrow("sequence 2 was installed before");
    expect(await store.install(signed(2))).toMatchObject({ outcome: "installed" });
  });

  const flipped = (bytes: Buffer, at: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at]! ^= 1;
    return copy;
  };
  const twice = signPack(
    signPack(unsigned(), createPrivateKey(theirs.privatePem)),
    createPrivateKey(theirs.privatePem),
  );
  it.each<[string, () => Buffer, string]>([
    ["no pack", () => Buffer.from("PK\u0003\u0004"), "no pack of the format"],
    ["cut off", () => signed().subarray(0, 40), "envelope does not end"],
    ["not signed", () => packBytes(unsigned()), "not signed"],
    ["signed by somebody else", () => packBytes(twice), "None of its signatures"],
    [
      "signed by somebody else under our name",
      () => {
        const { envelope, body } = signPack(unsigned(), createPrivateKey(theirs.privatePem));
        const [{ keyid } = { keyid: "" }] = openPack(signed()).envelope.signatures;
        return packBytes({
          envelope: { ...envelope, signatures: [{ ...envelope.signatures[0]!, keyid }] },
          body,
        });
      },
      "None of its signatures",
    ],
    [
      "with another manifest than was signed",
      () => {
        const { envelope, body } = openPack(signed());
        return packBytes({ envelope: { ...envelope, payload: unsigned(9).envelope.payload }, body });
      },
      "None of its signatures",
    ],
    ["with a changed file", () => flipped(signed(), signed().length - 2), "its digest differs"],
    ["with something behind it", () => Buffer.concat([signed(), Buffer.from("x")]), "its manifest names"],
    ["too large", () => signed(1, `${rule("a")}#${"x".repeat(1 << 20)}\n`), "the limit is"],
    [
      "after its time",
      () => signed(1, rule("a"), { expires: new Date(start - 1).toISOString() }),
      "expired at",
    ],
    [
      "that leads out of its folder",
      () =>
        handmade(({ files: [file] }) => {
          file!.path = "rules/../../../evil.yaml";
        }),
      "Not a path of a pack",
    ],
    [
      "with an absolute path",
      () =>
        handmade(({ files: [file] }) => {
          file!.path = "/etc/passwd";
        }),
      "Not a path of a pack",
    ],
    [
      "with a hidden file",
      () =>
        handmade(({ files: [file] }) => {
          file!.path = "rules/.a.yaml";
        }),
      "Not a path of a pack",
    ],
    [
      "with two files in one place",
      () =>
        handmade(({ files: [one, other] }) => {
          one!.path = "rules/A.yaml";
          other!.path = "rules/a.yaml";
        }),
      "the same place",
    ],
    [
      "with a file where another has a folder",
      () =>
        handmade(({ files: [one, other] }) => {
          one!.path = "rules/a";
          other!.path = "rules/a/b.yaml";
        }),
      "the same place",
    ],
    [
      "with a size that is no size",
      () =>
        handmade(({ files: [file] }) => {
          file!.size = -1;
        }),
      "malformed",
    ],
    [
      "whose rules cannot run",
      () => signed(1, 'name: a\ndataTypes: [sshd]\nwhere: "tru("\n'),
      "rules/a.yaml:3:",
    ],
  ])("is refused: %s", async (_, bytes, why) => {
    const { store, installed } = opened();
    await expect(store.install(bytes())).rejects.toMatchObject({
      code: "pack.refused",
      message: expect.stringContaining(why),
    });
    expect(await installed()).toEqual([]);
    await store.install(signed(1, rule("before")));
    await expect(store.install(bytes())).rejects.toMatchObject({ code: "pack.refused" });
    expect(await installed()).toEqual(["1.1"]);
  });

  it("is refused under a name that its key is not trusted for", async () => {
    const { store } = opened({ packs: ["other", "acm-*"] });
    await expect(store.install(signed())).rejects.toThrow('not trusted for packs named "acme"');
  });

  it("is no more used where its files or the trust in its key changed", async () => {
    const { store, installed, clock } = opened();
    await store.install(signed());
    const file = join(folder, "acme", "current", "rules", "a.yaml");
    appendFileSync(file, "# changed\n");
    expect((await installed())[0]).toContain("its manifest names");
    // Installing it again mends it.
    await store.install(signed());
    expect(await installed()).toEqual(["1.1"]);
    writeFileSync(join(folder, "acme", "current", "rules", "b.yaml"), rule("b"));
    expect((await installed())[0]).toContain("rules/b.yaml is no part");
    rmSync(join(folder, "acme", "current", "rules", "b.yaml"));
    const stranger = new PackStore(
      { folder, trusted: [{ key: theirs.publicKey, packs: ["*"] }], maxBytes: 1 },
      clock,
    );
    expect((await stranger.all())[0]!.problem).toContain("None of its signatures");
    clock.advance(31 * day);
    expect((await store.all())[0]).toMatchObject({ expired: true, manifest: { version: "1.1" } });
  });

  it("is refused where what was installed before cannot be read", async () => {
    const { store } = opened();
    await store.install(signed(2));
    writeFileSync(join(folder, "acme", "state.json"), "{}");
    await expect(store.install(signed(1))).rejects.toThrow("state.json is damaged");
  });

  it("names public keys alike, whatever they are read from", () => {
    expect(publicText(createPrivateKey(ours.privatePem))).toBe(ours.publicKey);
  });
});
