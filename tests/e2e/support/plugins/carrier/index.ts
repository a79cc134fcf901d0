import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { definePlugin, setting, settings } from "@vedette/sdk";

const said = {
  description: "Writes all it is shown into a file.",
  ...{ file: "File", page: "What was carried", "widget.blocks": "Blocks", "widget.last": "Last blocks" },
  ...{
    "widget.sources": "Blocked sources",
    "widget.trend": "Blocks over time",
    "widget.of_it": "Blocks of it",
    "view.blocks": "All blocks",
  },
};

/** Sees everything and writes it down, one JSON object a line. */
export const carrier = definePlugin({
  id: "carrier",
  name: "Carrier",
  version: "1.0.0",
  description: said.description,
  apiVersion: 1,
  settings: settings({ file: setting.file("", { help: "Where it writes." }) }),
  locales: { en: said, de: { ...said, description: "Schreibt in eine Datei, was es sieht." } },
  widgets: [
    { id: "blocks", kind: "counter", query: "eventType:security.*", range: "24h" },
    { id: "trend", kind: "trend", query: "eventType:security.*", range: "7d" },
    { id: "sources", kind: "top", field: "origin.ip", query: "eventType:security.*", range: "24h", limit: 5 },
    { id: "of_it", on: "address", kind: "counter", query: "eventType:security.*", range: "30d" },
    { id: "last", kind: "feed", query: "eventType:security.*", range: "24h", limit: 3 },
  ],
  page: { widgets: ["blocks", "trend", "sources", "last"] },
  views: [{ id: "blocks", query: "eventType:security.*" }],
  analyze: {
    eventTypes: ["security.*"],
    *analyze(event) {
      if (event.origin?.ip === "203.0.113.9") yield { name: "A known address", severity: "high" };
    },
  },
  correlate: { correlate: (alert, { settings: { file } }) => write(file, { alert: alert.name }) },
  notify: {
    topics: ["alert", "system.*"],
    notify: ({ topic, message }, { settings: { file } }) =>
      write(file, { topic, message: JSON.parse(message) }),
  },
  export: {
    eventTypes: ["security.*"],
    event: ({ raw, id }, { settings: { file } }) => write(file, { raw, id }),
    asset: ({ id }, { settings: { file } }, manual) => write(file, { asset: id, manual }),
  },
  assets: {
    every: 1,
    assets: ({ settings: { file } }) =>
      existsSync(`${file}.assets`) ? (JSON.parse(readFileSync(`${file}.assets`, "utf8")) as never) : [],
  },
  periodic: {
    every: 1,
    async tick({ state, settings: { file } }) {
      const ticks = ((await state.get<number>("ticks")) ?? 0) + 1;
      await state.set("ticks", ticks);
      write(file, { ticks });
    },
  },
});

const write = (file: string, what: object): void => {
  if (file !== "") appendFileSync(file, `${JSON.stringify(what)}\n`);
};
