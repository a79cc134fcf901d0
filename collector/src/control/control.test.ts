import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { controlConfig } from "../config/control.ts";
import { controlTarget, openControlDatabase } from "./index.ts";

// What it does with rows is in tests/conformance/control, for every kind of database alike.

const temporary = (): string => join(mkdtempSync(join(tmpdir(), "control-")), "state");
const target = (config: object) => controlTarget(controlConfig.parse(config), "/state", "/base");

it("is a file that its owner only can read", async () => {
  const dir = temporary();
  const database = await openControlDatabase({ kind: "sqlite", dir });
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  for (const file of ["control.sqlite", "control.sqlite-wal"])
    expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600);
  await database.destroy();
});

it("says why the file cannot be opened", async () => {
  const dir = temporary();
  const database = await openControlDatabase({ kind: "sqlite", dir });
  await database.destroy();
  await expect(
    openControlDatabase({ kind: "sqlite", dir: join(dir, "control.sqlite") }),
  ).rejects.toMatchObject({
    code: "control.unavailable",
    message: expect.stringContaining("collector.stateDir"),
  });
});

it("is SQLite in the state folder unless a URL is given", async () => {
  expect(await target({})).toEqual({ kind: "sqlite", dir: "/state" });
});

it("takes host, port, user and database from the URL, and a password as it is", async () => {
  expect(await target({ url: "postgres://us%40er@[::1]:5433/my%20db", password: "a/b@c%41" })).toMatchObject({
    ...{ host: "::1", port: 5_433, user: "us@er", database: "my db", password: "a/b@c%41", tls: false },
  });
  expect(await target({ url: "postgresql://u:p%2Fw@localhost/db" })).toMatchObject({
    password: "p/w",
    port: 5_432,
  });
  expect(await target({ url: "postgres://localhost/db" })).toMatchObject({
    user: "vedette",
    password: undefined,
  });
});

it("speaks TLS to every address but loopback, unless told not to", async () => {
  const url = "postgres://u@db.example.net/vedette";
  expect(await target({ url })).toMatchObject({ tls: {} });
  expect(await target({ url: "postgres://u@127.0.0.1/vedette", tls: {} })).toMatchObject({ tls: {} });
  expect(await target({ url, dangerouslyAllowPlaintext: true })).toMatchObject({ tls: false });
  await expect(target({ url, tls: {}, dangerouslyAllowPlaintext: true })).rejects.toThrow("remove one");
  await expect(target({ url, tls: { caFile: "none.pem" } })).rejects.toThrow(
    /collector\.control\.tls.*none\.pem/,
  );
});

it.each([
  "http://h/db",
  "postgres://h/db?sslmode=disable",
  "postgres://h",
  "postgres://h/",
  "postgres://h/a/b",
])("is not found at %s", (url) => expect(controlConfig.safeParse({ url }).success).toBe(false));
