import { describe, expect, it } from "vitest";
import { files, read } from "./repository.ts";

/** Spelled in parts, so that this file does not find itself. */
const host = (...parts: string[]): string => parts.join("\\.");

const forbidden: readonly (readonly [what: string, pattern: RegExp])[] = [
  [
    "a package registry's host",
    new RegExp(
      [
        host("registry", "npmjs", "org"),
        host("registry", "yarnpkg", "com"),
        host("static", "crates", "io"),
        host("files", "pythonhosted", "org"),
        host("proxy", "golang", "org"),
        host("repo1", "maven", "org"),
        host("deb", "debian", "org"),
      ].join("|"),
      "i",
    ),
  ],
  ["a path of the machine it was written on", /(^|[\s"'`(=:])\/(work\/(main|shared)|root\/\.[a-z]+\/)/m],
  ["a private key", /-----BEGIN ([A-Z]+ )?PRIVATE KEY-----\s*[A-Za-z0-9+/]{40}/],
  [
    "a token",
    /\b(AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}|github_pat_\w{40,}|npm_[A-Za-z0-9]{36}|xox[abprs]-[\w-]{20,}|sk-[A-Za-z0-9]{40,})\b/,
  ],
];

const binary = /\.(png|jpg|ico|woff2|mmdb|bin|zst|gz|wasm)$/;
const sources = files().filter((file) => !binary.test(file));

describe("tracked files", () => {
  it.each(forbidden)("hold no %s", (_, pattern) => {
    expect(sources.filter((file) => pattern.test(read(file)))).toEqual([]);
  });

  it("hold no work that was put off", () => {
    const marker = new RegExp(`\\b(${["TO", "DO"].join("")}|${["FIX", "ME"].join("")}|${"X".repeat(3)})\\b`);
    const code = sources.filter((file) => /\.(m?tsx?|mjs|cjs|sh)$/.test(file));
    expect(code.filter((file) => marker.test(read(file)))).toEqual([]);
  });

  it("are named in kebab case", () => {
    const code = sources.filter((file) => /\.(tsx?|mjs)$/.test(file) && !/\/gen\//.test(file));
    const named = (file: string): string => file.slice(file.lastIndexOf("/") + 1);
    expect(
      code.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.(tsx?|mjs|mts)$/.test(named(file))),
    ).toEqual([]);
  });
});

describe("file length", () => {
  const lines = (file: string): number => read(file).split("\n").length - 1;
  const code = sources.filter((file) => /\.(tsx?|mjs|cjs)$/.test(file) && !/\/gen\//.test(file));
  const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file) || file.startsWith("tests/");

  it("is at most 400 lines for sources and 600 for tests", () => {
    const long = code.filter((file) => lines(file) > (isTest(file) ? 600 : 400));
    expect(long.map((file) => `${file}: ${lines(file)}`)).toEqual([]);
  });

  it("is below 250 for nine sources in ten", () => {
    const sorted = code
      .filter((file) => !isTest(file))
      .map(lines)
      .sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThan(250);
  });
});
