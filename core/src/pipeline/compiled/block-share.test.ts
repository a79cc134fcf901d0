import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Log } from "@vedette/sdk";
import { expect, it } from "vitest";
import { loadPipelines } from "../load.ts";
import { inBlocks } from "./testing/twins.ts";

const plugins = fileURLToPath(new URL("../../../../plugins/", import.meta.url));

// What a block does not know is left to the plain program, with the same result: only a count shows that blocks are used.
it.each([
  { plugin: "nginx", dataType: "nginx", cases: ["combined"] },
  { plugin: "apache", dataType: "apache", cases: ["combined"] },
  { plugin: "docker-json", dataType: "docker-json", cases: ["lines"] },
  { plugin: "linux-auth", dataType: "sshd", cases: ["sshd-failures", "sshd-logins"] },
])(
  "leaves no line of $dataType to the plain program, once that has taught the blocks",
  ({ plugin, dataType, cases }) => {
    const pipelines = readdirSync(`${plugins}${plugin}`).filter((file) => file.endsWith(".yaml"));
    const set = loadPipelines(pipelines.map((file) => `${plugins}${plugin}/${file}`));
    const lines = cases.flatMap((name) =>
      readFileSync(`${plugins}${plugin}/tests/${name}/lines.log`, "utf8").split("\n").filter(Boolean),
    );
    const logs = lines.map(
      (raw, index): Log => ({
        id: String(index),
        dataType,
        dataSource: "host-1",
        "@timestamp": "2026-10-10T00:00:00.000Z",
        raw,
      }),
    );
    const alone = [0, 0, 0];
    for (const pass of alone.keys()) inBlocks(set, logs, () => alone[pass]!++);
    expect(logs.length).toBeGreaterThan(5);
    // The lines of the first pass teach automata, where there are any.
    expect(alone).toEqual([expect.any(Number), expect.any(Number), 0]);
  },
);
