import type { Event } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { describe, expect, it } from "vitest";
import { createDetector, parseRules, type Rule } from "./detect/index.ts";
import { batchFrom, sshFailure, start } from "./detect/testing/events.ts";
import { ReloadableDetection } from "./reloadable-detection.ts";

const three = `
name: Three failures
dataTypes: [sshd]
where: equals("actionResult", "failed")
deduplicateBy: [adversary.ip]
afterEvents:
  - with: [{ field: origin.ip, operator: filter_term, value: "{{.origin.ip}}" }]
    within: 10m
    count: 3
`;
const root = `
title: Root
id: root
logsource: { product: linux, service: sshd }
detection: { who: { origin.user: root }, condition: who }
`;

const { signal } = new AbortController();
const rulesOf = (...texts: string[]): readonly Rule[] => {
  const { rules, problems } = parseRules(texts.join("---\n"));
  expect(problems).toEqual([]);
  return rules;
};

/** Detection over a list that stands for the store; `reading` is waited for where events are read back. */
function opened(rules: readonly Rule[], reading: () => Promise<void> = async () => undefined) {
  const stored: Event[] = [];
  const deps = { clock: manualClock(start), log: recordingLogger() };
  const open = (given: readonly Rule[]) => createDetector({ rules: given, deps });
  const detection = new ReloadableDetection(open(rules), {
    open,
    restore: async (detector, since) => {
      await reading();
      await detector.rebuild(since === undefined ? [...stored] : stored.slice(-10));
    },
    now: deps.clock.now,
  });
  const take = async (...events: Event[]): Promise<string[]> => {
    stored.push(...events);
    return (await detection.process(batchFrom(events), signal)).map(
      ({ name, lastEvent }) => `${name}: ${lastEvent?.id}`,
    );
  };
  return { detection, take, stored };
}

describe("a change of rules", () => {
  it("leaves what unchanged rules remember, and lets new ones see what comes", async () => {
    const { detection, take } = opened(rulesOf(three));
    expect(await take(sshFailure("a", 0), sshFailure("b", 1_000))).toEqual([]);
    await detection.reload(rulesOf(three, root));
    expect(await take(sshFailure("c", 2_000))).toEqual(["Three failures: c", "Root: c"]);
    await detection.reload(rulesOf(three));
    // What was raised under the former rules is no news under these.
    expect(await take(sshFailure("d", 3_000))).toEqual([]);
    expect(detection.stats()).toMatchObject({ events: 4, alerts: 2 });
  });

  it("gives a new rule the history from before it", async () => {
    const { detection, take } = opened(rulesOf(root));
    await take(sshFailure("a", 0), sshFailure("b", 1_000));
    await detection.reload(rulesOf(three));
    expect(await take(sshFailure("c", 2_000))).toEqual(["Three failures: c"]);
  });

  it("drops no event: batches go on under the old rules, and wait only for the end", async () => {
    let go: (() => void)[] = [];
    const reading = () =>
      new Promise<void>((resolve) => {
        go.push(resolve);
      });
    const next = async (): Promise<void> => {
      while (go.length === 0) await new Promise((resolve) => setImmediate(resolve));
      const [first] = go;
      go = [];
      first!();
    };
    const { detection, take } = opened(rulesOf(three), reading);
    await take(sshFailure("a", 0));
    const changed = detection.reload(rulesOf(three, root));
    await expect(detection.reload(rulesOf(three))).rejects.toThrow("being changed already");
    expect(await take(sshFailure("b", 1_000), sshFailure("c", 2_000))).toEqual(["Three failures: c"]);
    await next();
    while (go.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const waiting = take(sshFailure("d", 3_000));
    await next();
    await changed;
    expect(await waiting).toEqual(["Root: d"]);
  });

  it("waits for events that were looked at and are not in the store yet", async () => {
    const { detection, take, stored } = opened(rulesOf(root));
    let arrive = (): void => undefined;
    const inserting = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const early = [sshFailure("a", 0), sshFailure("b", 1_000)];
    await detection.process(batchFrom(early), signal, inserting);
    const changed = detection.reload(rulesOf(three));
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    stored.push(...early);
    arrive();
    await changed;
    expect(await take(sshFailure("c", 2_000))).toEqual(["Three failures: c"]);
  });

  it("leaves all as it was where the store cannot be read", async () => {
    let broken = true;
    const reading = async () => {
      if (broken) throw new Error("no store");
    };
    const { detection, take } = opened(rulesOf(three), reading);
    await take(sshFailure("a", 0), sshFailure("b", 1_000));
    await expect(detection.reload(rulesOf(root))).rejects.toThrow("no store");
    expect(await take(sshFailure("c", 2_000))).toEqual(["Three failures: c"]);
    broken = false;
    await detection.reload(rulesOf(root));
    expect(await take(sshFailure("d", 3_000))).toEqual(["Root: d"]);
  });
});
