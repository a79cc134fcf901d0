import { CountedSource, definePlugin, type InputCapability } from "@vedette/sdk";
import { z } from "zod";

const settings = z.strictObject({
  words: z.array(z.string().max(100)).min(1).max(100).describe("What it says."),
});

const input: InputCapability<z.infer<typeof settings>> = {
  settings,
  open: async ({ words }, deps) => {
    const source = new CountedSource(deps, "words", deps.dataType);
    return {
      run: async (sink) => {
        for (const word of words) await sink.push(source.log(`said ${word}`, deps.dataSource));
        if (!deps.signal.aborted)
          await new Promise((resolve) => deps.signal.addEventListener("abort", resolve, { once: true }));
      },
      durable: () => undefined,
    };
  },
};

/** Says words, parses them by a step of its own, and comes from a folder. */
export const ticker = definePlugin({
  id: "ticker",
  name: "Ticker",
  version: "1.0.0",
  description: "Says words.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: { en: { description: "Says words." }, de: { description: "Sagt Wörter." } },
  input,
  parse: {
    dataTypes: ["ticks"],
    pipelines: [new URL("./pipeline.yaml", import.meta.url)],
    steps: {
      ticker_shout: (draft) => {
        draft["log"] = {
          word: String(draft["raw"])
            .replace(/^said /, "")
            .toUpperCase(),
        };
      },
    },
  },
});
