import { describe, expect, it } from "vitest";
import { parsed, process } from "../testing/run.ts";

const date = (options: string): string =>
  `- json: {source: raw}\n- date: {source: log.t, target: deviceTime, ${options}}`;

describe("date", () => {
  it.each<[name: string, options: string, value: unknown, time: string]>([
    ["ISO 8601", "layouts: [ISO8601]", "2026-10-09 22:14:15,25+0200", "2026-10-09T22:14:15.25+02:00"],
    ["ISO 8601, basic form", "layouts: [ISO8601]", "20261009T221415Z", "2026-10-09T22:14:15Z"],
    ["a day", "layouts: [ISO8601]", "2026-10-09", "2026-10-09T00:00:00Z"],
    [
      "the first that fits",
      "layouts: [UNIX_MS, RFC1123, '02/Jan/2006 15:04']",
      "09/Oct/2026 22:14",
      "2026-10-09T22:14:00Z",
    ],
    ["seconds", "layouts: [UNIX]", 1791640536.5, "2026-10-10T13:55:36.5Z"],
    ["milliseconds", "layouts: [UNIX_MS]", "1791640536120", "2026-10-10T13:55:36.12Z"],
    [
      "local time in summer",
      "layouts: [DateTime], timezone: Europe/Zurich",
      "2026-07-09 22:14:15",
      "2026-07-09T22:14:15+02:00",
    ],
    [
      "local time in winter",
      "layouts: [DateTime], timezone: Europe/Zurich",
      "2026-01-09 22:14:15",
      "2026-01-09T22:14:15+01:00",
    ],
    [
      "the hour that a change leaves out",
      "layouts: [DateTime], timezone: Europe/Zurich",
      "2026-03-29 02:30:00",
      "2026-03-29T02:30:00+01:00",
    ],
    [
      "a fixed offset",
      "layouts: [Stamp], timezone: '-03:30'",
      "Oct  9 22:14:15",
      "2026-10-09T22:14:15-03:30",
    ],
    [
      "an offset in the text wins",
      "layouts: [RFC3339], timezone: Asia/Tokyo",
      "2026-10-09T22:14:15Z",
      "2026-10-09T22:14:15Z",
    ],
    [
      "a name of a zone says nothing",
      "layouts: [UnixDate], timezone: Europe/Zurich",
      "Fri Jul 10 01:02:03 CEST 2026",
      "2026-07-10T01:02:03+02:00",
    ],
  ])("%s", (_name, options, value, time) => {
    expect(parsed(date(options), JSON.stringify({ t: value })).deviceTime).toBe(time);
  });

  it("tells what it cannot read, and is quiet where there is nothing", () => {
    expect(parsed(date("layouts: [RFC3339, UNIX]"), '{"t":"soon"}')).toEqual({
      log: { t: "soon" },
      errors: ['Step 2 (date): "log.t" does not have any of the forms.'],
    });
    expect(parsed(date("layouts: [RFC3339]"), '{"a":1}')).toEqual({ log: { a: 1 } });
  });

  it.each([
    ["layouts: [ISO8061]", 'Did you mean "ISO8601"?'],
    [
      "layouts: []",
      "test.yaml:5:60: pipeline[0].steps[1].date.layouts: Empty; the list needs at least one element.",
    ],
    ["layouts: [yyyy-MM-dd]", "is no Go time layout"],
    ["layouts: [RFC3339], timezone: Europe/Zürich", 'Did you mean "Europe/Zurich"?'],
    ["layouts: [RFC3339], zone: UTC", 'Unknown key "zone".'],
  ])("refuses %s", (options, message) => {
    expect(() => process(date(options), "")).toThrow(message);
  });
});
