import { describe, expect, it } from "vitest";
import { z } from "zod";
import { isVisible, setting, settingFields, settings } from "./index.ts";

const schema = settings({
  enabled: setting.boolean(false),
  mode: setting.select(["log", "api"], "log"),
  path: setting.file("/var/log/x.log", { visibleIf: { key: "mode", is: "log" } }),
  address: setting.url("", { visibleIf: { key: "mode", is: ["api", "both"] } }),
  token: setting.password({ help: "From the console." }),
  every: setting.number(5, { min: 1, max: 60 }),
  plain: z.string().max(10).default("x").describe("No hint at all."),
  nested: z.strictObject({ a: z.string().default("") }).prefault({}),
});
const locales = {
  en: { mode: "Source", "mode.api": "The API", "mode.help": "Where events come from.", every: "Every" },
  de: { mode: "Quelle", "mode.api": "Die API" },
};
const field = (key: string, language = "en") =>
  settingFields(schema, locales, language).find((each) => each.key === key)!;

describe("settings", () => {
  it("are listed with types, limits and defaults; what is no single value is left out", () => {
    expect(settingFields(schema, locales, "en").map(({ key, type }) => [key, type])).toEqual([
      ...[
        ["enabled", "boolean"],
        ["mode", "select"],
        ["path", "file"],
        ["address", "url"],
      ],
      ...[
        ["token", "password"],
        ["every", "number"],
        ["plain", "text"],
      ],
    ]);
    expect(field("every")).toMatchObject({ min: 1, max: 60, default: 5, label: "Every", secret: false });
    expect(field("plain")).toMatchObject({ maxLength: 10, help: "No hint at all.", label: "plain" });
    expect(field("token")).toMatchObject({ secret: true, default: "", help: "From the console." });
  });

  it("have labels of a language, then English, then their key", () => {
    expect(field("mode", "de")).toMatchObject({ label: "Quelle", help: "Where events come from." });
    expect(field("mode", "de").options).toEqual([
      { value: "log", label: "log" },
      { value: "api", label: "Die API" },
    ]);
    expect(field("mode", "constructor").label).toBe("Source");
    expect(field("every", "de").label).toBe("Every");
  });

  it("show only what counts: by their own word, else while the plugin is on", () => {
    const shown = (values: object) =>
      settingFields(schema, locales, "en")
        .filter((each) => isVisible(each, values as never))
        .map(({ key }) => key);
    expect(shown({ enabled: false, mode: "log" })).toEqual(["enabled", "path"]);
    expect(shown({ enabled: true, mode: "api" })).toEqual([
      "enabled",
      "mode",
      "address",
      "token",
      "every",
      "plain",
    ]);
  });

  it("take what fits and nothing else", () => {
    expect(schema.parse({})).toMatchObject({ enabled: false, mode: "log", every: 5, address: "" });
    expect(schema.parse({ address: " https://host :8006/a " }).address).toBe("https://host:8006/a");
    for (const wrong of [{ every: 0 }, { every: 1.5 }, { mode: "x" }, { address: "host" }, { other: 1 }])
      expect(schema.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  });
});
