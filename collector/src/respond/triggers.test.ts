import { BatchBuilder, decodeBatch, uuidv7 } from "@vedette/core/batch";
import type { Alert } from "@vedette/sdk";
import { expect, it } from "vitest";
import { parseWorkflows } from "./library/index.ts";
import { EventStarts, startsOn } from "./triggers.ts";
import type { Workflow } from "./workflow/index.ts";

const workflow = (...triggers: object[]): Workflow => {
  const doc = { id: "tell", name: "Tell", triggers, steps: [{ id: "Card", type: "artifact", content: "x" }] };
  const { workflows, problems } = parseWorkflows(JSON.stringify(doc));
  expect(problems).toEqual([]);
  return workflows[0]!.workflow;
};
const batchOf = (dataType: string) => {
  const builder = new BatchBuilder(dataType, { rows: 10, bytes: 100_000 });
  const at = { "@timestamp": "2026-01-01T00:00:00Z", deviceTime: "2026-01-01T00:00:00Z" };
  builder.append(
    { id: dataType, dataType, dataSource: "a", ...at, raw: "{}" },
    { source: "a", offset: 0, end: 1 },
  );
  const { frame } = builder.seal({ batchId: uuidv7(0), agentId: "a", epoch: 1, sequence: 0 });
  return decodeBatch(frame);
};

it("starts nothing on what actions gave rise to, unless the trigger asks for that", () => {
  const alert: Alert = {
    id: "a",
    name: "Refused",
    severity: "high",
    lastEvent: { dataType: "vedette.action" },
  };
  expect(startsOn(workflow({ type: "alert" }), alert)).toBe(false);
  expect(startsOn(workflow({ type: "alert", onActions: true }), alert)).toBe(true);
  expect(startsOn(workflow({ type: "alert" }), { ...alert, lastEvent: { dataType: "nginx" } })).toBe(true);
});

it("gives events of actions to those triggers only that name them", () => {
  const starts = (trigger: object) =>
    [...new EventStarts([workflow(trigger)]).of([batchOf("nginx"), batchOf("vedette.action")])].map(
      ({ triggerKey }) => triggerKey,
    );
  expect(starts({ type: "event", where: "true" })).toEqual(["tell/event/nginx"]);
  expect(starts({ type: "event", where: "true", dataTypes: ["*"] })).toEqual(["tell/event/nginx"]);
  expect(starts({ type: "event", where: "true", dataTypes: ["vedette.action"] })).toEqual([
    "tell/event/vedette.action",
  ]);
  expect(starts({ type: "plugin", dataTypes: ["v*"] })).toEqual([]);
});
