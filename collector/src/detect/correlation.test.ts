import { defaultTenant, type Event } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { at } from "./testing/events.ts";
import { detectorFor, runBatches, triggers } from "./testing/run.ts";

const event = (id: string, ms: number, dataType: string, rest: Event = {}): Event => ({
  id,
  "@timestamp": at(ms),
  dataType,
  ...rest,
});
const login = (id: string, ms: number, actionResult: string, user = "root"): Event =>
  event(id, ms, "sshd", { action: "login", actionResult, origin: { ip: "192.0.2.1", user } });

const rule = (
  name: string,
  dataType: string,
  where: string,
  afterEvents: unknown,
  rest: object = {},
): string => JSON.stringify([{ name, dataTypes: [dataType], where, afterEvents, ...rest }]);

const term = (field: string, value: unknown, operator = "filter_term") => ({ field, operator, value });
const sameUser = term("origin.user.keyword", "{{.origin.user}}");

const successAfterFailures = rule("Guessed", "sshd", 'equals("actionResult", "success")', [
  {
    indexPattern: "v11-log-sshd-*",
    with: [sameUser, term("actionResult", "failed")],
    within: "5m",
    count: 3,
  },
]);
const failures = (n: number) => Array.from({ length: n }, (_, i) => login(`f${i}`, i * 1_000, "failed"));

describe("history conditions", () => {
  it.each<[string, string, Event[], string[]]>([
    [
      "find a success after failures, of the same user only",
      successAfterFailures,
      [...failures(3), login("other", 4_000, "success", "web"), login("s", 5_000, "success")],
      ["Guessed: s"],
    ],
    [
      "do not count the triggering event where it does not fit the search",
      successAfterFailures,
      [...failures(2), login("s", 5_000, "success")],
      [],
    ],
    [
      "look back from the time of the event, not from the time of its arrival",
      successAfterFailures,
      [...failures(3), login("late", 302_000, "success"), login("backlog", 5_000, "success")],
      ["Guessed: backlog"],
    ],
    [
      "count events that arrive out of order",
      successAfterFailures,
      [...failures(3).reverse(), login("s", 2_500, "success")],
      ["Guessed: s"],
    ],
    [
      "must all hold",
      rule("Both", "nginx", 'exists("id")', [
        { dataType: "sshd", with: [], within: "1m" },
        { dataType: "sudo", with: [], within: "1m" },
      ]),
      [
        login("a", 0, "failed"),
        event("n1", 1_000, "nginx"),
        event("b", 2_000, "sudo"),
        event("n2", 3_000, "nginx"),
        event("n3", 61_500, "nginx"),
      ],
      ["Both: n2"],
    ],
    [
      "may hold by a branch of `or`, also a nested one",
      rule("Either", "nginx", 'exists("id")', [
        {
          dataType: "sshd",
          with: [],
          within: "1m",
          count: 9,
          or: [
            {
              dataType: "sudo",
              with: [],
              within: "1s",
              or: [{ dataType: "cron", with: [term("log.job", "backup")], within: "1h" }],
            },
          ],
        },
      ]),
      [
        event("n1", 0, "nginx"),
        event("s", 1_000, "sudo"),
        event("n2", 2_000, "nginx"),
        event("n3", 3_000, "nginx"),
        event("c1", 4_000, "cron", { log: { job: "other" } }),
        event("n4", 5_000, "nginx"),
        event("c2", 6_000, "cron", { log: { job: "backup" } }),
        event("n5", 3_000_000, "nginx"),
      ],
      ["Either: n2", "Either: n5"],
    ],
    [
      "hold by a branch even where the first search lacks its placeholder",
      rule("Fallback", "sshd", 'exists("id")', [
        {
          with: [term("origin.user", "{{.origin.user}}")],
          within: "1m",
          count: 9,
          or: [{ with: [term("action", "logout")], within: "1m" }],
        },
      ]),
      [event("x", 0, "sshd", { action: "logout" }), event("y", 90_000, "sshd", { action: "login" })],
      ["Fallback: x"],
    ],
    [
      "exclude with must_not, also by a value of the triggering event",
      rule("Other address", "sshd", 'exists("origin.ip")', [
        {
          with: [
            sameUser,
            term("origin.ip", "{{.origin.ip}}", "must_not_term"),
            term("log.note", "test", "must_not_match"),
          ],
          within: "1h",
        },
      ]),
      [
        login("a", 0, "success"),
        login("b", 1_000, "success"),
        {
          ...login("c", 2_000, "success"),
          origin: { ip: "192.0.2.9", user: "root" },
          log: { note: "a TEST run" },
        },
        { ...login("d", 3_000, "success"), origin: { ip: "192.0.2.1", user: "root" } },
      ],
      ["Other address: c"],
    ],
    [
      "exclude by value among many that are excluded",
      rule("Others", "sshd", 'equals("actionResult", "failed")', [
        {
          with: [
            term("origin.ip", "{{.origin.ip}}"),
            term("origin.user", "{{.origin.user}}", "must_not_term"),
          ],
          within: "1h",
        },
      ]),
      [
        login("web", 0, "success", "web"),
        ...Array.from({ length: 300 }, (_, i) => login(`s${i}`, i, "success")),
        login("f", 1_000, "failed"),
      ],
      ["Others: f"],
    ],
    [
      "match any word of a text, whatever its case",
      rule("Words", "app", 'exists("id")', [
        { with: [term("log.message", "denied refused", "filter_match")], within: "1h", count: 2 },
      ]),
      [
        event("a", 0, "app", { log: { message: "Connection REFUSED by peer" } }),
        event("b", 1, "app", { log: { message: "undenied" } }),
        event("c", 2, "app", { log: { message: "access denied: root" } }),
      ],
      ["Words: c"],
    ],
    [
      "search every data type with a star, and the rule's own without a pattern",
      rule("Star", "a", 'exists("id")', [{ indexPattern: "v11-log-*", within: "1m", count: 3 }]),
      [event("1", 0, "x"), event("2", 1, "y"), event("3", 2, "a")],
      ["Star: 3"],
    ],
  ])("%s", (_, yaml, events, expected) => {
    expect(triggers(runBatches(detectorFor(yaml).detector, events))).toEqual(expected);
    expect(triggers(runBatches(detectorFor(yaml).detector, events, 1))).toEqual(expected);
    const { detector } = detectorFor(yaml);
    expect(triggers(events.flatMap((each) => detector.processEvent(each)))).toEqual(expected);
  });

  it("search in alerts, those of the same batch included", () => {
    const yaml = JSON.stringify([
      { name: "Failure", dataTypes: ["sshd"], where: 'equals("actionResult", "failed")' },
      {
        name: "Many alerts",
        dataTypes: ["sshd"],
        where: 'equals("actionResult", "success")',
        afterEvents: [
          {
            indexPattern: "v11-alert-*",
            with: [term("name.keyword", "Failure"), term("adversary.user", "{{.origin.user}}")],
            within: "1h",
            count: 2,
          },
        ],
      },
    ]);
    const events = [...failures(2), login("s", 5_000, "success"), login("t", 6_000, "success", "web")];
    const alerts = runBatches(detectorFor(yaml).detector, events);
    expect(triggers(alerts)).toEqual(["Failure: f0", "Failure: f1", "Many alerts: s"]);
    expect(alerts[2]?.events?.map((each) => each.id)).toEqual(["f0", "f1", "s"]);
  });
});

describe("alerts with nothing to compare", () => {
  it("are no repeats of each other", () => {
    const yaml = rule("x", "sshd", 'exists("id")', [], { deduplicateBy: ["adversary.host"] });
    const { detector } = detectorFor(yaml);
    expect(runBatches(detector, failures(3))).toHaveLength(3);
  });

  it("are repeats where one of several values is there", () => {
    const yaml = rule("x", "sshd", 'exists("id")', [], {
      deduplicateBy: ["adversary.host", "adversary.ip", "lastEvent.log.user"],
    });
    expect(triggers(runBatches(detectorFor(yaml).detector, failures(3)))).toEqual(["x: f0"]);
  });
});

describe("tenants", () => {
  const of = (each: Event, tenantId: string): Event => ({ ...each, tenantId });
  const [one, other] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
  const both = (yaml: string, events: readonly Event[]): string[] => {
    const found = triggers(runBatches(detectorFor(yaml).detector, events));
    const { detector } = detectorFor(yaml);
    expect(triggers(events.flatMap((each) => detector.processEvent(each)))).toEqual(found);
    return found;
  };

  it("do not see each other's history", () => {
    const split = failures(3).map((each, i) => of(each, i < 2 ? one : other));
    expect(both(successAfterFailures, [...split, of(login("s", 5_000, "success"), one)])).toEqual([]);
    const mine = failures(3).map((each) => of(each, one));
    const after = [of(login("o", 5_000, "success"), other), of(login("s", 6_000, "success"), one)];
    expect(both(successAfterFailures, [...mine, ...after])).toEqual(["Guessed: s"]);
  });

  it("do not repeat each other's alerts, nor go under them", () => {
    const failed = [
      of(login("a", 0, "failed"), one),
      of(login("b", 1, "failed"), other),
      login("c", 2, "failed"),
    ];
    const again = [of(login("d", 3, "failed"), one), of(login("e", 4, "failed"), defaultTenant.id)];
    const repeats = rule("Once", "sshd", 'equals("actionResult", "failed")', [], {
      deduplicateBy: ["adversary.ip"],
    });
    expect(both(repeats, [...failed, ...again])).toEqual(["Once: a", "Once: b", "Once: c"]);
    const groups = rule("Group", "sshd", 'equals("actionResult", "failed")', [], {
      groupBy: ["adversary.ip"],
    });
    const alerts = runBatches(detectorFor(groups).detector, [...failed, ...again]);
    const [a, , c] = alerts;
    expect(alerts.map(({ parentId }) => parentId)).toEqual([undefined, undefined, undefined, a!.id, c!.id]);
  });
});
