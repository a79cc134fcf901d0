import { type Alert, defaultTenant, type Event } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { parseRules } from "./index.ts";
import { detectorFor } from "./testing/run.ts";

const start = Date.parse("2026-01-05T12:00:00Z");

const base = (name: string, value = name): string => `
title: ${name}
id: id-${name}
name: ${name}
logsource: { category: test }
vedette: { dataTypes: [test] }
detection: { selection: { log.what: ${value} }, condition: selection }
`;

const correlation = (text: string): string => `
title: Found
id: found
level: high
correlation:
${text.trim().replaceAll(/^/gm, "  ")}
`;

const documents = (...parts: string[]): string => parts.join("\n---\n");

/** `at` is in seconds; ids are numbers in order unless they are given. */
interface Given {
  readonly at: number;
  readonly what: string;
  readonly id?: string;
  readonly [field: string]: unknown;
}

let number = 0;
function event({ at, what, id, ...more }: Given): Event {
  const time = new Date(start + at * 1_000).toISOString();
  return {
    id: id ?? `e${number++}`,
    "@timestamp": time,
    dataType: "test",
    log: { what, user: "u", ...more },
  };
}

function run(yaml: string, given: readonly Given[]): Alert[] {
  const { detector } = detectorFor(yaml);
  return given.flatMap((each) => [...detector.processEvent(event(each))]);
}

const times = (alerts: readonly Alert[]): number[] =>
  alerts.map(({ lastEvent }) => (Date.parse(lastEvent?.["@timestamp"] ?? "") - start) / 1_000);

const repeat = (what: string, at: readonly number[], more: object = {}): Given[] =>
  at.map((each) => ({ at: each, what, ...more }));

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe("the specification's examples", () => {
  const failed = base("failed_logon");
  const counted = documents(
    failed,
    correlation(`
type: event_count
rules: [failed_logon]
group-by: [log.host]
timespan: 1h
condition: { gte: 100 }
`),
  );

  it("many failed logins: the hundredth within an hour, by host", () => {
    const alerts = run(counted, [
      ...repeat("failed_logon", upTo(99), { host: "a" }),
      ...repeat("failed_logon", [99], { host: "b" }),
      ...repeat("failed_logon", [100], { host: "a" }),
    ]);
    expect(times(alerts)).toEqual([100]);
    expect(alerts[0]).toMatchObject({ name: "Found", ruleId: "found", severity: "high" });
    expect(alerts[0]!.description).toBe("100 events of failed_logon within 1h for log.host = a.");
    expect(alerts[0]!.events).toHaveLength(11);
  });

  it("failed logins with many users: values are counted, not events", () => {
    const yaml = documents(
      failed,
      correlation(`
type: value_count
rules: [failed_logon]
group-by: [log.host, log.from]
timespan: 1d
condition: { field: log.user, gte: 3 }
`),
    );
    const from = (user: string, at: number, more: object = { host: "a", from: "x" }): Given => ({
      ...{ at, what: "failed_logon", user },
      ...more,
    });
    const alerts = run(yaml, [
      ...[from("u1", 0), from("u1", 1), from("u1", 2), from("u2", 3)],
      ...[from("u3", 4, { host: "a", from: "y" }), from("u3", 5)],
    ]);
    expect(times(alerts)).toEqual([5]);
  });

  const recon = (type: string): string =>
    documents(
      ...["recon_a", "recon_b", "recon_c"].map((name) => base(name)),
      correlation(`
type: ${type}
rules: [recon_a, recon_b, recon_c]
group-by: [log.host, log.user]
timespan: 5m
`),
    );

  it("recon commands in any order", () => {
    const host = { host: "h" };
    const some = [
      ...repeat("recon_c", [0], host),
      ...repeat("recon_a", [100], host),
      ...repeat("recon_b", [300], host),
    ];
    expect(times(run(recon("temporal"), some))).toEqual([300]);
    expect(times(run(recon("temporal"), [...some.slice(0, 2), { ...some[2]!, at: 300.001 }]))).toEqual([]);
    expect(times(run(recon("temporal"), [...some.slice(0, 2), { ...some[2]!, host: "g" }]))).toEqual([]);
    expect(times(run(recon("temporal_ordered"), some))).toEqual([]);
  });

  it("recon commands in their order", () => {
    const all = ["recon_a", "recon_b", "recon_c"].map((what, i) => ({ at: i, what, host: "h" }));
    expect(times(run(recon("temporal_ordered"), all))).toEqual([2]);
    // A late one completes it too.
    expect(times(run(recon("temporal_ordered"), [all[0]!, all[2]!, all[1]!]))).toEqual([1]);
  });

  it("failed logins, then one that succeeds: a chain", () => {
    const yaml = documents(
      failed,
      base("successful_logon"),
      `
title: Many failed logins
name: many_failed_logins
correlation:
  type: event_count
  rules: [failed_logon]
  group-by: [log.host, log.user]
  timespan: 5m
  condition: { gte: 10 }
`,
      correlation(`
type: temporal_ordered
rules: [many_failed_logins, successful_logon]
group-by: [log.user]
timespan: 10m
`),
    );
    const fails = repeat("failed_logon", upTo(10), { host: "a" });
    const success = (at: number, user = "u"): Given => ({ at, what: "successful_logon", host: "b", user });
    expect(times(run(yaml, [...fails, success(609)]))).toEqual([609]);
    expect(times(run(yaml, [...fails, success(609.001)]))).toEqual([]);
    expect(times(run(yaml, [...fails, success(20, "other")]))).toEqual([]);
    expect(times(run(yaml, [...fails.slice(1), success(20)]))).toEqual([]);
    expect(times(run(yaml, [success(8), ...fails]))).toEqual([]);
  });

  it("aliases: the same address in other fields", () => {
    const yaml = documents(
      base("internal_error"),
      base("new_network_connection"),
      correlation(`
type: temporal
rules: [internal_error, new_network_connection]
group-by: [internal_ip, remote_ip]
timespan: 10s
aliases:
  internal_ip: { internal_error: target.ip, new_network_connection: origin.ip }
  remote_ip: { internal_error: origin.ip, new_network_connection: target.ip }
`),
    );
    const { detector } = detectorFor(yaml);
    const of = (at: number, what: string, from: string, to: string): readonly Alert[] =>
      detector.processEvent({ ...event({ at, what }), origin: { ip: from }, target: { ip: to } });
    expect(of(0, "internal_error", "6.6.6.6", "10.0.0.1")).toEqual([]);
    expect(of(1, "new_network_connection", "6.6.6.6", "10.0.0.1")).toEqual([]);
    expect(of(10, "new_network_connection", "10.0.0.1", "6.6.6.6")).toHaveLength(1);
  });
});

describe("boundaries", () => {
  const yaml = (condition: string, type = "event_count", more = ""): string =>
    documents(
      base("a"),
      correlation(`
type: ${type}
rules: [a]
group-by: [log.user]
timespan: 10s
condition: ${condition}
${more}`),
    );

  it("has events that are exactly the timespan apart, and none a millisecond more", () => {
    expect(times(run(yaml("{ gte: 2 }"), repeat("a", [0, 10])))).toEqual([10]);
    expect(times(run(yaml("{ gte: 2 }"), repeat("a", [0, 10.001])))).toEqual([]);
  });

  it("does not depend on the order of arrival", () => {
    for (const order of [
      [0, 5, 10],
      [10, 5, 0],
      [5, 10, 0],
      [10, 0, 5],
    ])
      expect(run(yaml("{ gte: 3 }"), repeat("a", order))).toHaveLength(1);
  });

  it("counts an event that comes again once", () => {
    const again = (at: number, id: string): Given => ({ at, what: "a", id });
    expect(run(yaml("{ gte: 3 }"), [again(0, "x"), again(0, "x"), again(1, "y"), again(1, "y")])).toEqual([]);
  });

  it("leaves out what is later than the bound", () => {
    const { detector } = detectorFor(yaml("{ gte: 2 }"));
    for (const at of [100, 39.999]) detector.processEvent(event({ at, what: "a" }));
    expect(detector.stats().windows?.correlations[0]).toMatchObject({ late: 1, matches: 1 });
    expect(detector.processEvent(event({ at: 40, what: "a" }))).toEqual([]);
    expect(detector.processEvent(event({ at: 50, what: "a" }))).toHaveLength(1);
  });

  it("knows every operator and ranges", () => {
    const at = (condition: string): number[] => times(run(yaml(condition), repeat("a", [0, 1, 2, 3, 4])));
    expect(at("{ gt: 2 }")).toEqual([2]);
    expect(at("{ gte: 2 }")).toEqual([1]);
    expect(at("{ lt: 2 }")).toEqual([0]);
    expect(at("{ lte: 2 }")).toEqual([0]);
    expect(at("{ eq: 4 }")).toEqual([3]);
    expect(at("{ neq: 1 }")).toEqual([1]);
    expect(at("{ gt: 2, lte: 4 }")).toEqual([2]);
  });

  it("measures sums, averages and percentiles of numbers, and leaves out what is none", () => {
    const bytes = (values: readonly unknown[]): Given[] =>
      values.map((value, at) => ({ at, what: "a", bytes: value }));
    const measured = (type: string, condition: string, values: readonly unknown[]): number[] =>
      times(run(yaml(condition, type), bytes(values)));
    expect(measured("value_sum", "{ field: log.bytes, gt: 100 }", [50, "50", "many", 1])).toEqual([3]);
    expect(measured("value_avg", "{ field: log.bytes, gte: 20 }", [10, 20, 30, 1])).toEqual([2]);
    expect(
      measured("value_percentile", "{ field: log.bytes, percentile: 90, gte: 9 }", [1, 1, 1, 1, 9]),
    ).toEqual([4]);
    expect(measured("value_median", "{ field: log.bytes, gte: 5 }", [1, 5, 6])).toEqual([2]);
  });

  it("tells again when a timespan has passed, not before", () => {
    const steady = upTo(25).map((at) => at * 1);
    expect(times(run(yaml("{ gte: 3 }"), repeat("a", steady)))).toEqual([2, 13, 24]);
  });

  it("counts rules for temporal with a number", () => {
    const two = documents(
      ...["a", "b", "c"].map((name) => base(name)),
      correlation(
        "type: temporal\nrules: [a, b, c]\ngroup-by: [log.user]\ntimespan: 10s\ncondition: { gte: 2 }",
      ),
    );
    expect(times(run(two, [...repeat("a", [0, 1]), ...repeat("c", [2])]))).toEqual([2]);
  });
});

describe("windows of other shapes", () => {
  const yaml = (shape: string, condition: string): string =>
    documents(
      base("a"),
      correlation(
        `type: event_count\nrules: [a]\ngroup-by: [log.user]\ntimespan: 1m\ncondition: ${condition}\n${shape}`,
      ),
    );

  it("tumbling: no event counts for two", () => {
    const tumbling = yaml("window: tumbling", "{ gte: 3 }");
    expect(times(run(tumbling, repeat("a", [58, 59, 60, 61])))).toEqual([]);
    expect(times(run(tumbling, repeat("a", [58, 60, 61, 62, 119.999, 120, 121, 122])))).toEqual([62, 122]);
  });

  it("tumbling: few events are told of when it is over", () => {
    const { detector, clock } = detectorFor(yaml("window: tumbling", "{ lt: 3 }"));
    for (const at of [0, 1, 60, 61, 62]) {
      clock.advance(start + at * 1_000 - clock.now());
      expect(detector.processEvent(event({ at, what: "a" }))).toEqual([]);
    }
    clock.advance(start + 179_999 - clock.now());
    expect(times(detector.due())).toEqual([1]);
    expect(detector.due()).toEqual([]);
  });

  it("session: events near each other", () => {
    const session = yaml("window: session\ngap: 5s", "{ gte: 4 }");
    expect(times(run(session, repeat("a", [0, 5, 10, 16, 21, 26])))).toEqual([]);
    expect(times(run(session, repeat("a", [0, 5, 10, 15])))).toEqual([15]);
    // A late one joins two sessions.
    expect(times(run(session, repeat("a", [0, 5, 15, 20, 10])))).toEqual([10]);
  });
});

describe("absence", () => {
  const yaml = (type: string, condition: string): string =>
    documents(
      ...["a", "b", "c"].map((name) => base(name)),
      correlation(
        `type: ${type}\nrules: [a, b, c]\ngroup-by: [log.user]\ntimespan: 10s\ncondition: ${condition}`,
      ),
    );

  function runDue(text: string, given: readonly Given[]): { at: number; found: number[] }[] {
    const { detector, clock } = detectorFor(text);
    const all: { at: number; found: number[] }[] = [];
    const note = (alerts: readonly Alert[]): void => {
      if (alerts.length > 0) all.push({ at: (clock.now() - start) / 1_000, found: times(alerts) });
    };
    for (const each of given) {
      clock.advance(start + each.at * 1_000 - clock.now());
      note(detector.processEvent(event(each)));
    }
    for (const end = clock.now() + 100_000; clock.now() <= end; clock.advance(500)) note(detector.due());
    return all;
  }

  it("waits until what must not come cannot come any more", () => {
    const text = yaml("temporal", "a and b and not c");
    expect(runDue(text, [...repeat("a", [0]), ...repeat("b", [4])])).toEqual([{ at: 70, found: [4] }]);
    expect(runDue(text, [...repeat("a", [0]), ...repeat("b", [4]), ...repeat("c", [10])])).toEqual([]);
    expect(runDue(text, [...repeat("c", [0]), ...repeat("a", [6]), ...repeat("b", [10])])).toEqual([]);
    expect(runDue(text, [...repeat("a", [0]), ...repeat("b", [4]), ...repeat("c", [10.001])])).toEqual([
      { at: 70.001, found: [4] },
    ]);
  });

  it("hears of what did not come by what came since", () => {
    const text = yaml("temporal", "a and not c");
    expect(runDue(text, [...repeat("a", [0]), ...repeat("b", [71])])).toEqual([{ at: 71, found: [0] }]);
  });

  it("in order, only what comes in its place spares", () => {
    const text = yaml("temporal_ordered", "a and not c");
    expect(runDue(text, [...repeat("c", [0]), ...repeat("a", [1])])).toEqual([{ at: 71, found: [1] }]);
    expect(runDue(text, [...repeat("a", [1]), ...repeat("c", [5])])).toEqual([]);
  });

  it("knows alternatives", () => {
    const text = yaml("temporal", "(a or b) and c");
    expect(runDue(text, [...repeat("b", [0]), ...repeat("c", [1])])).toEqual([{ at: 1, found: [1] }]);
  });
});

describe("rules that correlations name", () => {
  it("raise no alert of their own unless asked to, and may be of another language", () => {
    const own = (more: string): string =>
      documents(
        'name: Refused\nid: refused\ndataTypes: [test]\nwhere: equals("log.what", "refused")',
        `${correlation("type: event_count\nrules: [refused]\ngroup-by: [log.user]\ntimespan: 1m\ncondition: { gte: 2 }")}${more}`,
      );
    const given = repeat("refused", [0, 1]);
    expect(run(own(""), given).map(({ ruleId }) => ruleId)).toEqual(["found"]);
    expect(run(own("generate: true"), given).map(({ ruleId }) => ruleId)).toEqual([
      "refused",
      "found",
      "refused",
    ]);
  });

  it("are looked at after their own history conditions", () => {
    const text = documents(
      `name: Refused
id: refused
dataTypes: [test]
where: equals("log.what", "refused")
afterEvents: [{ with: [{ field: log.user, operator: filter_term, value: "{{.log.user}}" }], within: 1m, count: 3 }]`,
      correlation(
        "type: event_count\nrules: [refused]\ngroup-by: [log.user]\ntimespan: 1m\ncondition: { gte: 2 }",
      ),
    );
    expect(times(run(text, repeat("refused", [0, 1, 2, 3, 4])))).toEqual([3]);
  });
});

describe("what cannot be used", () => {
  const problems = (text: string): string[] =>
    parseRules(text, "c.yaml").problems.map(({ line, path, message }) => `${line} ${path}: ${message}`);

  it.each([
    [
      "type: event_count\nrules: [b]\ntimespan: 1m\ncondition: { gte: 1 }",
      /rules\[0\]: No rule or correlation/,
    ],
    ["type: event_count\nrules: [a]\ntimespan: 1y\ncondition: { gte: 1 }", /timespan: A timespan is/],
    [
      "type: event_count\nrules: [a]\ntimespan: 31d\ncondition: { gte: 1 }",
      /timespan: A timespan is 30 days/,
    ],
    ["type: event_count\nrules: [a]\ntimespan: 1m", /condition: Missing; it needs one of gt/],
    ["type: event_count\nrules: [a]\ntimespan: 1m\ncondition: { more: 1 }", /Unknown key "more"/],
    ["type: event_count\nrules: [a]\ntimespan: 1m\ncondition: { gte: 1.5 }", /A count is a whole number/],
    ["type: value_count\nrules: [a]\ntimespan: 1m\ncondition: { gte: 1 }", /Missing "field"/],
    [
      "type: value_percentile\nrules: [a]\ntimespan: 1m\ncondition: { field: x, gte: 1 }",
      /Missing "percentile"/,
    ],
    ["type: temporal\nrules: [a]\ntimespan: 1m", /needs two rules/],
    ["type: temporal\nrules: [a]\ntimespan: 1m\ncondition: not a", /without any event/],
    ["type: temporal\nrules: [a]\ntimespan: 1m\ncondition: a and", /something is missing/],
    ["type: temporal\nrules: [a]\ntimespan: 1m\ncondition: a and z", /"z" is none of its rules/],
    ["type: near\nrules: [a]\ntimespan: 1m", /is not one of event_count/],
    ["type: event_count\nrules: [a]\ntimespan: 1m\ncondition: { gte: 1 }\nwindow: session", /needs a "gap"/],
    [
      "type: event_count\nrules: [a]\ngroup-by: [x]\ntimespan: 1m\ncondition: { gte: 1 }\naliases: { x: { b: y } }",
      /aliases\.x\.b: "b" is none/,
    ],
  ])("%s", (text, expected) => {
    expect(problems(documents(base("a"), correlation(text))).join("\n")).toMatch(expected);
  });

  it("a circle", () => {
    const link = (name: string, other: string): string =>
      `title: ${name}\nname: ${name}\ncorrelation: { type: event_count, rules: [${other}], timespan: 1m, condition: { gte: 1 } }\n`;
    expect(problems(documents(link("one", "two"), link("two", "one"))).join("\n")).toMatch(
      /in a circle: "one" → "two" → "one"/,
    );
  });
});

describe("a restart", () => {
  const yaml = documents(
    base("a"),
    base("b"),
    `
title: Many
name: many
correlation: { type: event_count, rules: [a], group-by: [log.user], timespan: 1m, condition: { gte: 3 } }`,
    correlation("type: temporal_ordered\nrules: [many, b]\ngroup-by: [log.user]\ntimespan: 1m"),
  );
  const given = [...repeat("a", [0, 10, 20, 25]), ...repeat("b", [30])].map(event);

  it("in the middle of a window changes nothing", async () => {
    const { detector } = detectorFor(yaml);
    const whole = given.flatMap((each) => [...detector.processEvent(each)]);
    for (let cut = 0; cut <= given.length; cut++) {
      const before = detectorFor(yaml).detector;
      const told = given.slice(0, cut).flatMap((each) => [...before.processEvent(each)]);
      const after = detectorFor(yaml).detector;
      await after.rebuildAlerts(told);
      await after.rebuild(given.slice(0, cut));
      // The agent sends the last one again.
      for (const each of given.slice(Math.max(0, cut - 1))) told.push(...after.processEvent(each));
      expect(told.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
    }
    expect(times(whole)).toEqual([30]);
  });

  it("reads back as far as all correlations of a chain look", () => {
    const { detector } = detectorFor(yaml);
    const needs = detector.historyNeeds();
    expect(needs).toEqual([{ dataType: "test", windowMs: 4 * 60_000 + 60_000 }]);
    expect(detector.alertNeedMs()).toBe(4 * 60_000);
  });
});

describe("a part of the rules, in order", () => {
  const yaml = (bounds: string): string =>
    documents(
      ...["a", "b", "c"].map((name) => base(name)),
      correlation(
        `type: temporal_ordered\nrules: [a, b, c]\ngroup-by: [log.user]\ntimespan: 10s\ncondition: { ${bounds} }`,
      ),
    );
  const steps = (text: string): Given[] => [...text].map((what, at) => ({ at, what }));

  it.each([
    ["gte: 2", "ac", [1]],
    ["gte: 2", "ab", [1]],
    ["gte: 2", "cba", []],
    ["gt: 2", "ab", []],
    ["gt: 2", "abc", [2]],
    ["gte: 1", "b", [0]],
  ])("%s of %s", (bounds, text, expected) => {
    expect(times(run(yaml(bounds), steps(text)))).toEqual(expected);
  });

  it("are told when it is certain that no other comes, where more would be too many", () => {
    const events = (text: string): Given[] => [
      ...steps(text),
      { at: 75, what: "b", user: "v" },
      { at: 80, what: "c" },
    ];
    expect(times(run(yaml("eq: 2"), events("ac")))).toEqual([1]);
    expect(times(run(yaml("eq: 2"), events("abc")))).toEqual([]);
  });

  it("must be possible", () => {
    const message = (bounds: string): string => parseRules(yaml(bounds)).problems[0]?.message ?? "";
    expect(message("gte: 4")).toBe("The condition cannot be used: there are 3 rules, so it can never hold.");
  });
});

describe("several fields", () => {
  const yaml = (type: string): string =>
    documents(
      base("a"),
      correlation(
        `type: ${type}\nrules: [a]\ngroup-by: [log.user]\ntimespan: 1m\ncondition: { field: [log.host, log.port], gte: 3 }`,
      ),
    );

  it("are counted by what they are together", () => {
    const of = (at: number, host: string, port: string | undefined): Given => ({ at, what: "a", host, port });
    const given = [of(0, "h", "1"), of(1, "h", "2"), of(2, "h", "1"), of(3, "i", undefined)];
    expect(run(yaml("value_count"), given)).toEqual([]);
    const [alert] = run(yaml("value_count"), [...given, of(5, "i", "1")]);
    expect(alert?.description).toBe("3 distinct combinations of a within 1m for log.user = u.");
  });

  it("have no sum", () => {
    expect(parseRules(yaml("value_sum")).problems[0]?.message).toMatch(/^value_sum measures one field/);
  });
});

it("the least and the largest value", () => {
  const yaml = (type: string, bounds: string): string =>
    documents(
      base("a"),
      correlation(
        `type: ${type}\nrules: [a]\ngroup-by: [log.user]\ntimespan: 10s\ncondition: { field: log.size, ${bounds} }`,
      ),
    );
  const given = [5, 9, 3].map((size, at) => ({ at, what: "a", size }));
  expect(times(run(yaml("value_max", "gte: 9"), given))).toEqual([1]);
  expect(times(run(yaml("value_min", "lte: 3"), given))).toEqual([2]);
  const [largest] = run(yaml("value_max", "gte: 9"), given);
  expect(largest?.description).toBe("largest value 9 of a within 10s for log.user = u.");
});

describe("tenants", () => {
  const yaml = documents(
    base("a"),
    base("b"),
    correlation("type: event_count\nrules: [a]\ngroup-by: [log.user]\ntimespan: 1m\ncondition: { gte: 2 }"),
    correlation("type: temporal\nrules: [a, b]\ngroup-by: [log.user]\ntimespan: 1m")
      .replace("Found", "Together")
      .replace("found", "together"),
  );
  const of = (tenantId: string | undefined, given: Given): Event => ({
    ...event(given),
    ...(tenantId === undefined ? {} : { tenantId }),
  });
  const found = (events: readonly Event[]): (string | undefined)[] => {
    const { detector } = detectorFor(yaml);
    return events
      .flatMap((each) => detector.processEvent(each))
      .map(({ name, tenantId }) => `${name} ${tenantId}`);
  };
  const [one, other] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];

  it("with equal values are apart in all windows", () => {
    const apart = [
      of(one, { at: 0, what: "a" }),
      of(other, { at: 1, what: "a" }),
      of(undefined, { at: 2, what: "a" }),
    ];
    expect(found(apart)).toEqual([]);
    expect(found([...apart, of(other, { at: 3, what: "a" })])).toEqual([`Found ${other}`]);
    expect(found([...apart, of(one, { at: 3, what: "b" })])).toEqual([`Together ${one}`]);
  });

  it("that are not named are the default tenant", () => {
    const events = [of(undefined, { at: 0, what: "a" }), of(defaultTenant.id, { at: 1, what: "a" })];
    expect(found(events)).toEqual([`Found ${defaultTenant.id}`]);
  });
});
