import { parseSource } from "@vedette/core/config";
import { compilePipelines } from "@vedette/core/pipeline";
import { expect, it } from "vitest";
import { read } from "./repository.ts";

it("the pipeline of the guide does what the guide says", () => {
  const page = read("docs/guide/pipelines.md");
  const yaml = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => block).join("");
  const outcome = compilePipelines([parseSource(yaml, "guide.yaml")]).process({
    id: "1",
    dataType: "gate",
    dataSource: "gate-1",
    "@timestamp": "2026-10-10T12:00:00Z",
    raw: "<34>Oct  9 22:14:15 gate-1 doord[7]: refused user=alice from 192.0.2.1 forced",
  });
  expect(outcome).toMatchObject({
    event: {
      deviceTime: "2026-10-09T22:14:15+02:00",
      eventType: "door.refused",
      actionResult: "denied",
      severity: "critical",
      origin: { host: "gate-1", process: "doord", user: "alice", ip: "192.0.2.1" },
      log: { note: "alice at gate-1" },
    },
  });
  expect(outcome).not.toHaveProperty("event.errors");
});
