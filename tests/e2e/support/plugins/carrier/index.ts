import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { definePlugin, setting, settings } from "@vedette/sdk";

const said = { description: "Writes all it is shown into a file." };

/** Sees everything and writes it down, one JSON object a line. */
export const carrier = definePlugin({
  id: "carrier",
  name: "Carrier",
  version: "1.0.0",
  description: said.description,
  apiVersion: 1,
  settings: settings({ file: setting.file("", { help: "Where it writes." }) }),
  locales: { en: said, de: { description: "Schreibt in eine Datei, was es sieht." } },
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
