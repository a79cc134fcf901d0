import type { PipelineSet } from "@vedette/core/pipeline";
import { type Event, event as eventSchema, messageOf } from "@vedette/sdk";
import { readEvent } from "../event.ts";
import type { CaseInput, Reading } from "./case.ts";

/** Gives the pipelines that read a data type. Throws where none does. */
export type PipelinesFor = (dataType: string) => PipelineSet;

/** The text of a line and what it is read as. */
function readAs(dataType: Reading["dataType"], line: string): { raw: string; dataType: string } {
  if (dataType === undefined) throw new Error('Lines are there: say as what they are read, with "dataType".');
  if (typeof dataType === "string") return { raw: line, dataType };
  const [, type = "", raw = ""] = /^([\w-]+)\| (.*)$/.exec(line) ?? [];
  if (!dataType.includes(type)) throw new Error(`Which data type is ${JSON.stringify(line)}?`);
  return { raw, dataType: type };
}

/** The events of lines, read at the moment that each one names: as a live agent would have read them. */
export function eventsOf(reading: Reading, lines: readonly string[], pipelinesFor: PipelinesFor): Event[] {
  return lines.map((line, index) => {
    const { raw, dataType } = readAs(reading.dataType, line);
    const id = `line-${index + 1}`;
    const log = { id, dataType, dataSource: "test", "@timestamp": reading.time, raw };
    const outcome = pipelinesFor(dataType).process(log);
    if (outcome.kind !== "event") throw new Error(`The pipeline dropped ${JSON.stringify(raw)}.`);
    const { deviceTime, origin } = outcome.event;
    const countryCode = reading.countries[origin?.ip ?? ""];
    const placed = countryCode === undefined ? {} : { origin: { ...origin, geolocation: { countryCode } } };
    return eventSchema.parse({
      ...outcome.event,
      ...placed,
      "@timestamp": deviceTime ?? outcome.event["@timestamp"],
    });
  });
}

/** All events of an input: those of its lines, then those that are written as events, which are `event-1` and on. */
export function eventsIn(reading: Reading, input: CaseInput, pipelinesFor: PipelinesFor): Event[] {
  const { dataType } = reading;
  const written = input.events.map((text, index): Event => {
    const id = `event-${index + 1}`;
    try {
      const { event } = readEvent(text, typeof dataType === "string" ? dataType : undefined);
      const time = event["@timestamp"] === "1970-01-01T00:00:00.000Z" ? reading.time : event["@timestamp"];
      return eventSchema.parse({ ...event, id, "@timestamp": time });
    } catch (error) {
      throw new Error(`${id} is no event: ${messageOf(error)}.`, { cause: error });
    }
  });
  return [...eventsOf(reading, input.lines, pipelinesFor), ...written];
}
