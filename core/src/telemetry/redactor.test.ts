import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { createLogger, Redactor } from "./index.ts";

const dir = mkdtempSync(join(tmpdir(), "redactor-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const knowing = (...secrets: unknown[]): Redactor => {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.know(secret);
  return redactor;
};

it.each([
  ["as it is", "password s3cret/word= refused", "password [redacted] refused"],
  ["in a URL", `https://h/?k=${encodeURIComponent("s3cret/word=")}`, "https://h/?k=[redacted]"],
  ["in base64", Buffer.from("s3cret/word=").toString("base64"), "[redacted]"],
  ["twice", "s3cret/word=s3cret/word=", "[redacted][redacted]"],
  ["not in part", "s3cret/wor", "s3cret/wor"],
])("takes a secret out of a text: %s", (_, text, expected) => {
  expect(knowing("s3cret/word=").text(text)).toBe(expected);
});

it("takes the longest of secrets that contain each other, and lines of long ones", () => {
  expect(knowing("secret", "secret-and-more").text("x secret-and-more y secret")).toBe(
    "x [redacted] y [redacted]",
  );
  const pem = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQ==\n-----END KEY-----";
  expect(knowing(pem).text("near MIIEvQIBADANBgkqhkiG9w0B")).toBe("near [redacted]");
  expect(knowing({ a: ["inner-secret"] }).text("inner-secret")).toBe("[redacted]");
});

it("knows what a header for basic authentication holds", () => {
  const redactor = new Redactor();
  redactor.knowAt({ login: { username: "user", password: "s3cret-word" } }, ["login.password"]);
  expect(redactor.text(`Basic ${Buffer.from("user:s3cret-word").toString("base64")} of user`)).toBe(
    "Basic [redacted] of user",
  );
});

it("leaves short texts alone except at declared paths", () => {
  const value = { auth: { token: "abc" }, note: "abc", list: [{ key: 5 }] };
  expect(knowing("abc").value(value, ["auth.token", "list.*.key"])).toEqual({
    ...{ auth: { token: "[redacted]" }, note: "abc", list: [{ key: "[redacted]" }] },
  });
});

it("takes known secrets out of plain data, keys and errors too", () => {
  const value = { "s3cret-word": [new Error("with s3cret-word")], deep: { of: ["a s3cret-word b"] } };
  expect(knowing("s3cret-word").value(value)).toEqual({
    "[redacted]": [{ name: "Error", message: "with [redacted]" }],
    deep: { of: ["a [redacted] b"] },
  });
});

it("forgets the oldest beyond its bound", () => {
  const redactor = knowing("the-first-one");
  for (let i = 0; i < 20_000; i++) redactor.know(`secret-${i}`);
  expect(redactor.text("the-first-one secret-19999")).toBe("the-first-one [redacted]");
});

it("keeps every line of a log clean, whatever holds the secret", () => {
  const redactor = new Redactor();
  const file = join(dir, "log");
  const fd = openSync(file, "w");
  const log = createLogger({ level: "debug", name: "test", fd, redact: redactor.text });
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", minLength: 6 }).map((text) => `~${text}~`),
      (secret) => {
        redactor.know(secret);
        const before = readFileSync(file, "utf8").length;
        const cause = new Error(`because of ${JSON.stringify({ secret })}`);
        log.warn(
          { error: new Error(`no: ${secret}`, { cause }), [secret]: [{ deep: secret }] },
          `Said ${secret}.`,
        );
        const line = readFileSync(file, "utf8").slice(before);
        for (const form of [secret, JSON.stringify(secret).slice(1, -1)]) expect(line).not.toContain(form);
        expect(JSON.parse(line)).toMatchObject({ level: "warn", name: "test" });
      },
    ),
  );
  closeSync(fd);
});
