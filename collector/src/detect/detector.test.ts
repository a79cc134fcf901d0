import type { Event } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { at, batchFrom, sshFailure } from "./testing/events.ts";
import { detectorFor, runBatches, triggers } from "./testing/run.ts";

const bruteForce = (extra = "", within = "15m", count = 5) => `
id: ssh-brute-force
name: SSH brute force
description: Many failed logins from one address.
category: Credential Access
technique: T1110 - Brute Force
references: [https://attack.mitre.org/techniques/T1110/]
dataTypes: [sshd]
adversary: origin
impact: { confidentiality: 3, integrity: 2, availability: 0 }
where: equals("actionResult", "failed") && exists("origin.ip")
afterEvents:
  - indexPattern: v11-log-sshd-*
    with:
      - { field: actionResult.keyword, operator: filter_term, value: failed }
      - { field: origin.ip.keyword, operator: filter_term, value: "{{.origin.ip}}" }
    within: ${within}
    count: ${count}
${extra}`;

const burst = (count: number, gap = 1_000, ip?: string, name = "e") =>
  Array.from({ length: count }, (_, i) => sshFailure(`${name}${i + 1}`, i * gap, ip));

describe("a count over history", () => {
  it.each([
    ["alerts at the N-th event exactly", burst(5), ["SSH brute force: e5"]],
    ["is quiet one event short of it", burst(4), []],
    ["alerts for every event beyond it", burst(7), [5, 6, 7].map((n) => `SSH brute force: e${n}`)],
    ["counts events of the same millisecond one by one", burst(5, 0), ["SSH brute force: e5"]],
    ["counts the event at the edge of the window", burst(5, 225_000), ["SSH brute force: e5"]],
    ["does not count the event just outside of it", burst(5, 225_001), []],
    [
      "keeps addresses apart",
      burst(8).map((event, i) => ({ ...event, origin: { ip: i % 2 ? "192.0.2.1" : "192.0.2.2" } })),
      [],
    ],
    ["ignores the placeholder where the event has no such value", burst(9, 1_000, ""), []],
  ])("%s", (_, events, expected) => {
    for (const size of [100, 3, 1]) {
      expect(triggers(runBatches(detectorFor(bruteForce()).detector, events, size))).toEqual(expected);
    }
    const { detector } = detectorFor(bruteForce());
    expect(triggers(events.flatMap((event) => detector.processEvent(event)))).toEqual(expected);
  });
});

it("a large batch alerts at the N-th of a few events in its middle, exactly", () => {
  const events = Array.from({ length: 9_000 }, (_, i) => {
    const event = sshFailure(`e${i}`, i);
    return i >= 4_093 && i < 4_098 ? event : { ...event, actionResult: "success" };
  });
  const yaml = JSON.stringify([
    { name: "every row", dataTypes: ["sshd"], where: 'equals("raw", "x") || log.method == origin.ip' },
  ]);
  expect(triggers(runBatches(detectorFor(bruteForce()).detector, events, 9_000))).toEqual([
    "SSH brute force: e4097",
  ]);
  expect(runBatches(detectorFor(yaml).detector, events, 9_000)).toEqual([]);
});

describe("an alert", () => {
  it("says who, what and why, the found events first and the triggering one last", () => {
    const { detector } = detectorFor(bruteForce());
    const events = burst(5);
    const [alert] = runBatches(detector, events);
    expect(alert).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      "@timestamp": at(0),
      lastUpdate: at(0),
      name: "SSH brute force",
      ruleId: "ssh-brute-force",
      tenantId: "ce66672c-e36d-4761-a8c8-90058fee1a24",
      tenantName: "Default",
      dataSource: "web-1",
      dataType: "sshd",
      category: "Credential Access",
      technique: "T1110 - Brute Force",
      description: "Many failed logins from one address.",
      references: ["https://attack.mitre.org/techniques/T1110/"],
      impact: { confidentiality: 3, integrity: 2 },
      impactScore: 3,
      severity: "high",
      status: "open",
      adversary: { ip: "203.0.113.9", user: "root" },
      target: { host: "web-1" },
      events,
      lastEvent: events[4],
    });
  });

  it.each([
    ["{ confidentiality: 0 }", "", "info"],
    ["{ availability: 1 }", "", "low"],
    ["{ integrity: 2, availability: 1 }", "", "medium"],
    ["{ integrity: 1, confidentiality: 3 }", "", "high"],
    ["{ integrity: 1 }", "severity: critical", "critical"],
  ])("of impact %s %s is %s", (impact, extra, severity) => {
    const yaml = `name: x\ndataTypes: [sshd]\nimpact: ${impact}\nwhere: exists("id")\n${extra}`;
    expect(detectorFor(yaml).detector.processEvent(sshFailure("a", 0))[0]?.severity).toBe(severity);
  });

  it("takes the target as adversary where the rule says so", () => {
    const yaml = 'name: x\ndataTypes: [sshd]\nadversary: target\nwhere: exists("id")\n';
    const [alert] = detectorFor(yaml).detector.processEvent(sshFailure("a", 0));
    expect([alert?.adversary, alert?.target]).toEqual([
      { host: "web-1" },
      { ip: "203.0.113.9", user: "root" },
    ]);
  });

  it("holds the ten newest of the events found, and the triggering one", () => {
    const { detector } = detectorFor(bruteForce("", "15m", 30));
    const [alert] = runBatches(detector, burst(30));
    expect(alert?.events?.map((event: Event) => event.id)).toEqual(
      [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30].map((n) => `e${n}`),
    );
  });
});

describe("repeats", () => {
  it("of deduplicateBy values within 7 days are dropped and counted", () => {
    const { detector } = detectorFor(bruteForce("deduplicateBy: [adversary.ip]"));
    const day = 86_400_000;
    const events = [
      ...burst(8),
      ...burst(5, 1_000, "192.0.2.7", "other"),
      ...burst(5).map((event, i) => ({
        ...event,
        id: `week${i}`,
        "@timestamp": at(7 * day + 5_000 + i * 1_000),
      })),
    ];
    expect(triggers(runBatches(detector, events))).toEqual([
      "SSH brute force: e5",
      "SSH brute force: other5",
      "SSH brute force: week4",
    ]);
    expect(detector.stats().repeatedAlerts).toBe(3);
  });

  it("of groupBy values become children of the first open alert", () => {
    const { detector } = detectorFor(bruteForce("groupBy: [adversary.ip, lastEvent.log.method]"));
    const alerts = runBatches(detector, burst(7));
    expect(alerts.map((alert) => alert.parentId)).toEqual([undefined, alerts[0]?.id, alerts[0]?.id]);
    detector.closeAlert(alerts[0]!.id!);
    const [next] = runBatches(detector, [sshFailure("e8", 8_000)]);
    expect(next?.parentId).toBeUndefined();
  });

  it("of a batch give the same alerts, and of its events in another batch none", () => {
    const { detector } = detectorFor(bruteForce());
    const events = burst(6);
    const batch = batchFrom(events);
    const first = detector.process(batch);
    expect(detector.process(batch)).toEqual(first);
    expect(detector.process(batchFrom(events))).toEqual([]);
    expect(detector.stats()).toMatchObject({ repeatedBatches: 1, knownAlerts: 2, alerts: 2 });
    expect(detector.stats().history).toMatchObject({ sightings: 6, repeats: 6 });
  });

  it("of a batch that is stored are not kept for it any more", () => {
    const { detector } = detectorFor(bruteForce());
    const batch = batchFrom(burst(6));
    const other = batchFrom([sshFailure("e7", 7_000)]);
    expect(detector.process(batch)).toHaveLength(2);
    const alerts = detector.process(other);
    detector.stored(batch.header.batchId);
    expect(detector.process(batch)).toEqual([]);
    expect(detector.process(other)).toBe(alerts);
  });
});

describe("the circuit breaker", () => {
  const faulty = 'id: f\nname: Faulty\ndataTypes: [sshd]\nwhere: 1 / size("") > 0\n';
  it("switches a rule off at its fifth fault and says so with an alert", () => {
    const { detector, log } = detectorFor(faulty);
    const alerts = runBatches(detector, burst(9));
    expect(alerts.map(({ name, lastEvent, errors }) => [name, lastEvent?.id, errors?.length])).toEqual([
      ["Circuit Breaker: Faulty", "e5", 1],
    ]);
    expect(detector.stats().rules).toMatchObject([{ id: "f", errors: 5, disabled: true }]);
    expect(log.lines).toMatchObject([{ level: "error" }]);
  });

  it("is not tripped by events that lack a placeholder's value, which are counted", () => {
    const yaml = bruteForce().replace(' && exists("origin.ip")', "");
    const { detector } = detectorFor(yaml);
    const events = [...burst(9, 1_000, "", "no"), ...burst(5)];
    expect(triggers(runBatches(detector, events))).toEqual(["SSH brute force: e5"]);
    expect(detector.stats().rules).toMatchObject([{ unresolved: 9, errors: 0, disabled: false }]);
  });
});

it("does nothing for data types without rules", () => {
  const { detector } = detectorFor(bruteForce());
  expect(runBatches(detector, [{ ...sshFailure("a", 0), dataType: "nginx" }])).toEqual([]);
  expect(detector.stats()).toMatchObject({ skippedBatches: 1, events: 0 });
});
