import { credential, secretPaths } from "@vedette/sdk";
import { expect, it } from "vitest";
import { z } from "zod";
import { kept, mergedWith, partsOf, shownOf, wholeOf } from "./parts.ts";

const schema = z.strictObject({
  url: z.string(),
  token: credential.password().optional(),
  login: credential.usernamePassword().optional(),
  headers: z.record(z.string(), credential.password()).default({}),
  hosts: z.array(z.strictObject({ host: z.string(), key: credential.password() })).default([]),
});
const paths = secretPaths(schema);
const before = partsOf(
  {
    ...{ url: "u", token: "t", login: { username: "n", password: "p" }, headers: { a: "1", b: "2" } },
    hosts: [
      { host: "x", key: "kx" },
      { host: "y", key: "ky" },
    ],
  },
  paths,
);

it("shows that secrets are set, and nothing of them", () => {
  expect(shownOf(before.open, Object.keys(before.secrets))).toEqual({
    ...{ url: "u", token: kept, login: { username: "n", password: kept }, headers: { a: kept, b: kept } },
    hosts: [
      { host: "x", key: kept },
      { host: "y", key: kept },
    ],
  });
});

it.each([
  ["what was shown keeps everything", shownOf(before.open, Object.keys(before.secrets)), wholeOf(before)],
  [
    "left out keeps",
    { url: "v", login: { username: "m" } },
    { url: "v", token: "t", login: { username: "m", password: "p" } },
  ],
  [
    "a new one replaces",
    { url: "u", token: "new", headers: { a: "3" } },
    { url: "u", token: "new", headers: { a: "3", b: "2" } },
  ],
  ["null takes away", { url: "u", token: null, headers: { a: null } }, { url: "u", headers: { b: "2" } }],
  ["a whole group left out goes", { url: "u" }, { url: "u", token: "t" }],
  [
    "a list as it was keeps",
    { url: "u", hosts: [{ host: "x" }, { host: "y", key: "new" }] },
    {
      ...{ url: "u", token: "t" },
      hosts: [
        { host: "x", key: "kx" },
        { host: "y", key: "new" },
      ],
    },
  ],
])("%s", (_, sent, expected) => {
  expect(mergedWith(sent, before, paths)).toEqual(expected);
});

it.each([
  ["an element is gone", [{ host: "y", key: kept }], "hosts.0.key"],
  [
    "an element changed",
    [
      { host: "evil", key: kept },
      { host: "y", key: kept },
    ],
    "hosts.0.key",
  ],
  [
    "the order changed",
    [
      { host: "y", key: kept },
      { host: "x", key: kept },
    ],
    "hosts.0.key",
  ],
  ["one is new", [{ host: "x" }, { host: "y" }, { host: "z", key: kept }], "hosts.2.key"],
])("gives no secret of a list to another element: %s", (_, hosts, path) => {
  expect(() => mergedWith({ url: "u", hosts }, before, paths)).toThrow(expect.objectContaining({ path }));
  const without = hosts.map(({ host }) => ({ host }));
  const merged = JSON.stringify(mergedWith({ url: "u", hosts: without }, before, paths));
  if (hosts.length !== 2) expect(merged).not.toMatch(/k[xy]/);
  else expect(merged).not.toMatch(/"evil","key"|"y","key":"kx"|"x","key":"ky"/);
});

it("keeps nothing where nothing is", () => {
  expect(() => mergedWith({ url: "u", token: kept }, undefined, paths)).toThrow(
    expect.objectContaining({ path: "token" }),
  );
  expect(mergedWith("junk", before, paths)).toBe("junk");
});
