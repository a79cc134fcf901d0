import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type ControlTarget, isSealed, maxSecretBytes, openSecretBox } from "./index.ts";

const root = mkdtempSync(join(tmpdir(), "secret-box-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const key = (): string => randomBytes(32).toString("base64");
const place = (): { kind: "sqlite"; dir: string } => ({
  kind: "sqlite",
  dir: join(mkdtempSync(join(root, "at-")), "state"),
});
const withKeys = (...keys: string[]) => openSecretBox(place(), { VEDETTE_SECRET_KEY: keys.join(",") });
const postgres: ControlTarget = {
  ...{ kind: "postgres", host: "127.0.0.1", port: 1, database: "x", user: "x", password: undefined },
  ...{ tls: false, connections: 1, timeoutMs: 1 },
};
const coded = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe("a sealed text", () => {
  it("opens under its name, whatever it says, and never looks like the text", () => {
    const box = withKeys(key());
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (name, text) => {
        const sealed = box.seal(name, text);
        expect(sealed).toMatch(/^v1:[\w-]{8}:[\w-]{16}:[\w-]{22,}$/);
        expect(isSealed(sealed)).toBe(true);
        expect(box.open(name, sealed)).toBe(text);
        expect(box.seal(name, text)).not.toBe(sealed);
      }),
    );
  });

  it("does not open in another place", () => {
    const box = withKeys(key());
    const sealed = box.seal("connection/jira/token", "s3cret");
    expect(() => box.open("connection/okta/token", sealed)).toThrow(
      coded("secret.unreadable", /"connection\/okta\/token".*another name/),
    );
  });

  it("does not open once any part of it was changed", () => {
    const box = withKeys(key());
    const sealed = box.seal("n", "s3cret");
    for (let at = 0; at < sealed.length; at++) {
      const other = sealed[at] === "A" ? "B" : "A";
      // The last characters of a group may stand for the same bytes; those bits carry nothing.
      const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
      let opened: string | undefined;
      try {
        opened = box.open("n", changed);
      } catch (error) {
        expect(error).toEqual(coded("secret.unreadable", /^The secret "n" cannot be opened/));
        expect(String(error)).not.toContain("s3cret");
      }
      if (opened !== undefined) expect(opened).toBe("s3cret");
    }
    for (const junk of ["", "s3cret", "v1::::", "v2:aaaaaaaa:bbbbbbbbbbbbbbbb:cccccccccccccccccccccccc"])
      expect(() => box.open("n", junk)).toThrow(coded("secret.unreadable", /not a sealed text/));
  });

  it("names the key that is missing", () => {
    const sealed = withKeys(key()).seal("n", "x");
    const other = withKeys(key());
    expect(() => other.open("n", sealed)).toThrow(
      coded(
        "secret.unreadable",
        new RegExp(`its key ${sealed.slice(3, 11)} is not here.*VEDETTE_SECRET_KEY`),
      ),
    );
  });

  it("has a bound", () => {
    const box = withKeys(key());
    expect(box.open("n", box.seal("n", "ü".repeat(maxSecretBytes / 2)))).toHaveLength(maxSecretBytes / 2);
    expect(() => box.seal("n", "x".repeat(maxSecretBytes + 1))).toThrow(/more than 65536 bytes/);
    expect(() => box.seal("n", "\ud800")).toThrow(/well-formed/);
  });
});

describe("keys of the environment", () => {
  it("seal with the first and open with all", () => {
    const [a, b] = [key(), key()];
    const old = withKeys(a).seal("n", "x");
    const box = withKeys(b, a);
    expect(box.open("n", old)).toBe("x");
    expect(box.stale(old)).toBe(true);
    const renewed = box.seal("n", "x");
    expect(box.stale(renewed)).toBe(false);
    expect(withKeys(b).open("n", renewed)).toBe("x");
    expect(() => withKeys(a).open("n", renewed)).toThrow(coded("secret.unreadable", /is not here/));
  });

  it.each([
    ["", /is empty/],
    ["short", /key 1 of 1 is not 32 bytes in base64/],
    [`${key()},c2hvcnQ=`, /key 2 of 2 is not 32 bytes/],
    [`${key()},not base64!`, /key 2 of 2 is not 32 bytes/],
    [Array(2).fill(key()).join(","), /the same key twice/],
    [Array.from({ length: 17 }, key).join(","), /at most 16/],
  ])("that are malformed are refused without being repeated: %s", (text, message) => {
    let said = "";
    try {
      withKeys(text);
    } catch (error) {
      expect(error).toEqual(coded("secret.key", message));
      said = String(error);
    }
    expect(said).not.toBe("");
    for (const word of text.split(",").filter((each) => each.length > 4)) expect(said).not.toContain(word);
  });

  it("are needed with PostgreSQL, but only by what is sealed", () => {
    const box = openSecretBox(postgres, {});
    expect(() => box.seal("n", "x")).toThrow(coded("secret.key", /every collector.*VEDETTE_SECRET_KEY/));
    expect(() => box.open("n", withKeys(key()).seal("n", "x"))).toThrow(
      coded("secret.unreadable", /there is no key/),
    );
    const file = join(root, "shared.key");
    const sealed = openSecretBox(postgres, { VEDETTE_SECRET_KEY_FILE: file }).seal("n", "x");
    expect(openSecretBox(postgres, { VEDETTE_SECRET_KEY_FILE: file }).open("n", sealed)).toBe("x");
    expect(() =>
      openSecretBox(postgres, { VEDETTE_SECRET_KEY_FILE: file, VEDETTE_SECRET_KEY: key() }),
    ).toThrow(coded("secret.key", /unset one/));
  });
});

describe("the key file", () => {
  it("is made at the first sealing, for its owner only, and kept", () => {
    const at = place();
    const file = join(at.dir, "secret.key");
    const box = openSecretBox(at, {});
    expect(existsSync(at.dir)).toBe(false);
    const sealed = box.seal("n", "x");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(at.dir).mode & 0o777).toBe(0o700);
    expect(readdirSync(at.dir)).toEqual(["secret.key"]);
    expect(openSecretBox(at, {}).open("n", sealed)).toBe("x");
  });

  it("is not read while others can read it", () => {
    const at = place();
    const box = openSecretBox(at, {});
    const sealed = box.seal("n", "x");
    chmodSync(join(at.dir, "secret.key"), 0o640);
    for (const each of [box, openSecretBox(at, {})]) {
      expect(() => each.open("n", sealed)).toThrow(coded("secret.key", /mode 640.*chmod 600/));
      expect(() => each.seal("n", "x")).toThrow(coded("secret.key", /chmod 600/));
    }
  });

  it("is never replaced where it is there but holds nothing or nonsense", () => {
    const at = place();
    const box = openSecretBox(at, {});
    box.seal("n", "x");
    for (const [text, message] of [
      ["", /is empty.*backup/],
      ["nonsense\n", /key 1 of 1 is not 32 bytes/],
    ] as const) {
      writeFileSync(join(at.dir, "secret.key"), text);
      expect(() => box.seal("n", "x")).toThrow(coded("secret.key", message));
      expect(readFileSync(join(at.dir, "secret.key"), "utf8")).toBe(text);
    }
  });

  it("is rotated under programs that run, and goes on with a rotation that was cut off", () => {
    const at = place();
    const running = openSecretBox(at, {});
    const sealed = running.seal("n", "x");
    openSecretBox(at, {}).beginRotation();
    // Killed here; the next run makes no third key.
    const again = openSecretBox(at, {});
    again.beginRotation();
    expect(readFileSync(join(at.dir, "secret.key"), "utf8").trim().split("\n")).toHaveLength(2);
    expect(running.stale(sealed)).toBe(true);
    const renewed = again.seal("n", again.open("n", sealed));
    expect(running.open("n", renewed)).toBe("x");
    expect(running.open("n", sealed)).toBe("x");
    expect(again.endRotation()).toBeUndefined();
    expect(running.stale(running.seal("n", "y"))).toBe(false);
    expect(running.open("n", renewed)).toBe("x");
    expect(() => running.open("n", sealed)).toThrow(coded("secret.unreadable", /is not here/));
  });

  it("leaves keys of the environment to who set them", () => {
    const [a, b] = [key(), key()];
    expect(() => withKeys(a).beginRotation()).toThrow(coded("secret.key", /Put a new one before it/));
    const box = withKeys(b, a);
    box.beginRotation();
    expect(box.endRotation()).toMatch(/take all keys but the first out of VEDETTE_SECRET_KEY/);
    expect(() => openSecretBox(postgres, {}).beginRotation()).toThrow(coded("secret.key", /every collector/));
  });
});
