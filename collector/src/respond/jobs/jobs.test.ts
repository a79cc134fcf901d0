import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ActionCall, ActionFailure, type ActionRunner } from "../actions/index.ts";
import { countingServer, rig, workflowOf } from "./testing/rig.ts";

let at: Awaited<ReturnType<typeof rig>>;
const calls: ActionCall[] = [];
let act: (call: ActionCall, count: number) => unknown = () => ({});
/** `lab/ban` can do harm; `lab/once` may not be repeated, `lab/again` may. */
const lab: ActionRunner = {
  find: (name) =>
    /^lab\/(ban|once|again)$/.test(name)
      ? { name, critical: name === "lab/ban", idempotent: () => name === "lab/again" }
      : undefined,
  names: () => ["lab/ban", "lab/once", "lab/again"],
  run: async (call) => {
    calls.push(call);
    return (await act(call, calls.length)) as never;
  },
};

beforeAll(async () => {
  at = await rig({ runners: [lab], redact: (text) => text.replaceAll("hunter22", "[redacted]") });
});
afterEach(() => {
  calls.length = 0;
  act = () => ({});
});
afterAll(() => at.close());

const once = (more = "") => `  - { id: Do, type: action, action: lab/once${more} }\n`;

describe("steps", () => {
  it("run one after another: decisions, joins, patterns, sets and cards", async () => {
    const id = await at.start(
      workflowOf(
        `
  - { id: Read, type: patternMatch, text: "{{[trigger].[text]}}", pattern: "ip={{ip:/[0-9.]+/}}" }
  - id: Choose
    type: decision
    branches:
      - { name: local, if: "{{[Read].[ip]}} starts_with '10.'", steps: [{ id: Local, type: set, values: { kind: inside } }] }
    default: { name: other, next: Meet }
  - { id: Meet, type: join, variables: [{ name: which, values: [{ from: Choose/local, value: "{{[Local].[kind]}}" }, { from: Choose/other, value: outside }] }] }
  - { id: Card, type: artifact, content: "{{[Read].[ip]}} {{[Meet].[which]}} {{[gone].[x]}}{{[$workflow].[team]}}" }
`.replace("{{[gone].[x]}}", "{{[Read].[gone]}}"),
        "parameters: { team: { default: SOC } }\n",
      ),
      { text: "x ip=10.0.0.1" },
    );
    expect((await at.until(id)).status).toBe("succeeded");
    const outputs = await at.outputs(id);
    expect(outputs).toMatchObject({
      Read: { ip: "10.0.0.1", $matched: true },
      Choose: { branch: "local" },
      Local: { kind: "inside" },
      Meet: { which: "inside" },
      Card: { content: "10.0.0.1 inside SOC" },
    });
    expect((await at.store.steps(id)).at(-1)!.note).toBe("Not defined: {{[Read].[gone]}}");
  });

  it("repeat in loops, with outputs, breaks and filters, and side by side", async () => {
    const id = await at.start(
      `
  - id: Each
    type: loop
    over: "{{[trigger].[list]}}"
    steps:
      - { id: Small, type: filter, if: "{{[$item]}} < 3" }
      - { id: Twice, type: set, values: { n: "{{[Each].[$item]}}" } }
      - { id: Enough, type: break, if: "{{[$index]}} >= 3" }
    outputs:
      - { name: kept, value: "{{[Twice].[n]}}" }
      - { name: ones, type: count, if: "{{[Twice].[n]}} = 1" }
      - { name: last, type: last, value: "{{[Twice].[n]}}" }
  - id: Both
    type: parallel
    branches:
      - { name: a, steps: [{ id: A, type: set, values: { x: "{{[Each].[ones]}}" } }] }
      - { name: b, steps: [{ id: B, type: set, values: { y: 2 } }] }
  - { id: Sum, type: set, values: { all: "{{[A].[x]}}{{[B].[y]}}{{[Each].[$outputs].[last]}}" } }
`,
      { list: [1, 5, 1, 2, 1, 1] },
    );
    expect((await at.until(id)).status).toBe("succeeded");
    expect(await at.outputs(id)).toMatchObject({
      Each: { kept: [1, 1, 2], ones: 2, last: 2, $count: 4 },
      "Each#0/Twice": { n: 1 },
      "Both:a/A": { x: 2 },
      Sum: { all: "222" },
    });
  });

  it("look up and append rows that all workflows share, once for each step", async () => {
    const steps = `
  - { id: Known, type: lookupGlobalArtifact, artifact: seen, if: "{{[$row].[ip]}} = {{[trigger].[ip]}}" }
  - { id: Add, type: appendGlobalArtifact, artifact: seen, row: { ip: "{{[trigger].[ip]}}" } }
`;
    for (const count of [0, 1]) {
      const id = await at.start(steps, { ip: "203.0.113.7" });
      await at.until(id);
      expect(await at.outputs(id)).toMatchObject({ Known: { count, found: count > 0 } });
    }
  });

  it("run other workflows, and give their outputs", async () => {
    const inner = workflowOf(
      "id: inner\nname: Inner\nsteps:\n  - { id: result, type: set, values: { said: 'hi {{[trigger].[who]}}' } }\n",
    );
    const outer = `id: outer\nname: Outer\nsteps:\n  - { id: Ask, type: workflow, workflow: outer, input: { who: you } }\n  - { id: Say, type: artifact, content: "{{[Ask].[said]}}" }\n`;
    const made = workflowOf(outer);
    const id = await at.start(
      {
        ...made,
        doc: JSON.parse(JSON.stringify(made.doc).replace('"workflow":"outer"', '"workflow":"inner"')),
      },
      {},
      { others: [inner] },
    );
    await at.until(id);
    expect(await at.outputs(id)).toMatchObject({
      "Ask>result": { said: "hi you" },
      Say: { content: "hi you" },
    });
  });
});

describe("failures", () => {
  it("stop the job, or lead where the step says", async () => {
    act = ({ input }) => {
      throw new ActionFailure(`no ${String(input["x"])}`);
    };
    const plain = await at.start(once());
    expect(await at.until(plain)).toMatchObject({ status: "failed", error: "Do: no undefined" });
    const id = await at.start(`
  - { id: Go on, type: action, action: lab/once, input: { x: a }, continueOnFailure: true }
  - { id: Handled, type: action, action: lab/once, input: { x: b }, onError: Told }
  - { id: Never, type: artifact, content: x, next: end }
  - { id: Told, type: artifact, content: "{{[Go on].[$success]}} {{[Handled].[$error]}}" }
`);
    expect((await at.until(id)).status).toBe("succeeded");
    expect(await at.outputs(id)).toEqual({
      "Go on": "no a",
      Handled: "no b",
      Told: { content: "false no b" },
    });
  });

  it("are tried again after growing waits, as the other side asks, and no oftener than allowed", async () => {
    act = (_, count) => {
      throw new ActionFailure(`busy ${count}`, { again: true, ...(count === 2 ? { afterMs: 60_000 } : {}) });
    };
    let began = at.clock.now();
    const id = await at.start(once(", retry: { attempts: 3, backoffSeconds: 10 }"));
    const first = await at.until(id, "waiting");
    expect(Number(first.wake_at) - began).toBeGreaterThan(8_000);
    at.ahead(11_000);
    began = at.clock.now();
    while (calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await at.until(id, "waiting");
    expect(Number(second.wake_at) - began).toBeGreaterThan(55_000);
    at.ahead(61_000);
    expect(await at.until(id)).toMatchObject({ status: "failed", error: "Do: busy 3" });
    expect(new Set(calls.map(({ key }) => key)).size).toBe(1);
    expect((await at.store.steps(id))[0]).toMatchObject({ attempt: 3, state: "failed" });
  });

  it("of which nobody knows the effect are not tried again, unless that is harmless", async () => {
    act = () => {
      throw new ActionFailure("cut off", { again: true, fate: "unknown" });
    };
    // Longer than a busy machine may look away: it must be seen to wait.
    const retry = ", retry: { attempts: 2, backoffSeconds: 60 }";
    const id = await at.start(once(retry));
    expect(await at.until(id)).toMatchObject({ status: "uncertain", error: expect.stringContaining('"Do"') });
    expect(calls).toHaveLength(1);
    const harmless = await at.start(once(`${retry}, idempotent: true`));
    await at.until(harmless, "waiting");
    at.ahead(61_000);
    expect((await at.until(harmless)).status).toBe("failed");
    expect(calls).toHaveLength(3);
  });

  it("end a try that takes too long", async () => {
    act = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const id = await at.start(once(", timeoutSeconds: 0.1"));
    expect(await at.until(id)).toMatchObject({ status: "uncertain" });
    expect((await at.store.steps(id))[0]).toMatchObject({ error: "It took longer than 0.1 s." });
  });

  it("come when the job's time is over, while it waits too", async () => {
    const id = await at.start(
      workflowOf("  - { id: Wait, type: sleep, seconds: 1000 }\n", "limits: { timeoutSeconds: 60 }\n"),
    );
    await at.until(id, "waiting");
    at.ahead(61_000);
    expect(await at.until(id)).toMatchObject({
      status: "failed",
      error: "The job took longer than its workflow allows.",
    });
  });
});

describe("what must not be done twice", () => {
  it("is one within its window, whichever job does it, and free again when it failed", async () => {
    const steps = once(", target: '{{[trigger].[ip]}}', windowSeconds: 3600");
    const start = (ip: string) => at.start(steps, { ip }, { cause: "rule 1" });
    act = () => {
      throw new ActionFailure("refused");
    };
    await at.until(await start("203.0.113.1"));
    act = () => ({ ok: true });
    const first = await start("203.0.113.1");
    await at.until(first);
    const second = await start("203.0.113.1");
    await at.until(second);
    expect(await at.outputs(second)).toEqual({ Do: { $skipped: true, job: first, step: "Do" } });
    await at.until(await start("203.0.113.2"));
    expect(calls.map(({ target }) => target)).toEqual(["203.0.113.1", "203.0.113.1", "203.0.113.2"]);
    at.ahead(3_600_000);
    await at.until(await start("203.0.113.1"));
    expect(calls).toHaveLength(4);
  });

  it("is one job for one trigger", async () => {
    const workflow = workflowOf(once());
    const make = () =>
      at.store.create({ workflow, others: [], input: {}, startedBy: "alert", triggerKey: "test/alert-1" });
    const [first, second] = [await make(), await make()];
    expect(second).toEqual({ id: first.id, fresh: false });
    await at.until(first.id);
    expect(calls).toHaveLength(1);
  });

  it("is refused where it can do harm, until there are guards; a dry run does nothing at all", async () => {
    const steps = `
  - { id: Ban, type: action, action: lab/ban, input: { ip: "{{[trigger].[ip]}}" } }
  - { id: Say, type: artifact, content: "{{[Ban].[message]}}banned {{[Ban].[input].[ip]}}" }
`;
    const id = await at.start(steps, { ip: "203.0.113.9" });
    expect(await at.until(id)).toMatchObject({
      status: "failed",
      error: expect.stringContaining("nothing guards it here"),
    });
    const dry = await at.start(steps, { ip: "203.0.113.9" }, { dry: true });
    expect((await at.until(dry)).status).toBe("succeeded");
    expect(await at.outputs(dry)).toMatchObject({
      Ban: { $dryRun: true },
      Say: { content: "banned 203.0.113.9" },
    });
    expect(calls).toEqual([]);
  });
});

describe("people", () => {
  const ask = `
  - id: Ask
    type: humanDecision
    question: "Block {{[trigger].[ip]}}?"
    options: [{ answer: Yes, next: Did }, { answer: No, next: Left }]
    timeoutSeconds: 600
    onTimeout: { answer: No }
  - { id: Did, type: artifact, content: "yes by {{[Ask].[responding_user]}}", next: end }
  - { id: Left, type: artifact, content: "no {{[Ask].[timedOut]}}" }
`;

  it("are asked and answer once; a restart in between changes nothing", async () => {
    const id = await at.start(ask, { ip: "203.0.113.7" });
    await at.until(id, "waiting");
    await at.restart();
    const [asked] = await at.store.questions(id);
    expect(asked).toMatchObject({ step: "Ask", question: "Block 203.0.113.7?", options: '["Yes","No"]' });
    await expect(at.store.answer(id, "Ask", "Maybe", "ann")).rejects.toMatchObject({ code: "job.refused" });
    await at.store.answer(id, "Ask", "Yes", "ann");
    await expect(at.store.answer(id, "Ask", "No", "bob")).rejects.toThrow("answered already");
    expect((await at.until(id)).status).toBe("succeeded");
    expect(await at.outputs(id)).toMatchObject({ Did: { content: "yes by ann" } });
  });

  it("who say nothing are taken at what the step says; silence is no for an approval", async () => {
    const id = await at.start(ask, { ip: "x" });
    await at.until(id, "waiting");
    at.ahead(601_000);
    await at.until(id);
    expect(await at.outputs(id)).toMatchObject({ Left: { content: "no true" } });
    const approval = await at.start(`
  - { id: May we, type: approval, question: Sure?, timeoutSeconds: 60, denied: No }
  - { id: Yes, type: action, action: lab/once, next: end }
  - { id: No, type: artifact, content: "{{[May we].[approved]}}" }
`);
    await at.until(approval, "waiting");
    at.ahead(61_000);
    await at.until(approval);
    expect(await at.outputs(approval)).toMatchObject({ No: { content: "false" } });
    expect(calls).toEqual([]);
  });

  it("cancel a job that waits, and one that runs", async () => {
    const waiting = await at.start("  - { id: Wait, type: sleep, seconds: 1000 }\n");
    await at.until(waiting, "waiting");
    await at.store.cancel(waiting, "ann");
    expect(await at.until(waiting)).toMatchObject({ status: "cancelled", error: "Cancelled by ann." });
    await expect(at.store.cancel(waiting, "ann")).rejects.toMatchObject({ code: "job.refused" });
    act = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const running = await at.start(once());
    while (calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await at.store.cancel(running, "ann");
    expect((await at.until(running)).status).toBe("cancelled");
  });

  it("run a job again from a step, and settle what was uncertain", async () => {
    act = ({ input }) => {
      if (input["n"] === 2) throw new ActionFailure("cut off", { fate: "unknown" });
      return {};
    };
    const id = await at.start(`
  - { id: One, type: action, action: lab/once, input: { n: 1 } }
  - { id: Two, type: action, action: lab/once, input: { n: 2 } }
  - { id: Three, type: action, action: lab/once, input: { n: 3 } }
`);
    expect((await at.until(id)).status).toBe("uncertain");
    act = () => ({});
    const settled = await at.store.rerun(id, "ann", { from: "Two", assumeDone: true });
    expect(await at.until(settled)).toMatchObject({ status: "succeeded", rerun_of: id });
    expect(calls.map(({ input }) => input["n"])).toEqual([1, 2, 3]);
    const repeated = await at.store.rerun(id, "ann", { from: "Two" });
    await at.until(repeated);
    expect(calls.map(({ input }) => input["n"])).toEqual([1, 2, 3, 2, 3]);
    await expect(at.store.rerun(id, "ann", { from: "Four" })).rejects.toMatchObject({ code: "job.refused" });
  });
});

describe("the journal", () => {
  it("keeps secrets out of what people read, and gives them to the steps that need them", async () => {
    act = (_, count) => (count === 1 ? { token: "hunter22" } : {});
    const steps = `
  - { id: Log in, type: action, action: lab/once }
  - { id: Wait, type: sleep, seconds: 60 }
  - { id: Use, type: action, action: lab/once, input: { with: "{{[Log in].[token]}}" } }
`;
    const id = await at.start(steps);
    await at.until(id, "waiting");
    await at.restart();
    at.ahead(61_000);
    await at.until(id);
    expect(calls[1]!.input).toEqual({ with: "hunter22" });
    const rows = await at.store.steps(id);
    expect(rows[0]).toMatchObject({ output: '{"token":"[redacted]"}' });
    expect(rows[2]).toMatchObject({ input: '{"with":"[redacted]"}' });
    expect(JSON.stringify(rows)).not.toContain("hunter22");
  });

  it("counts the time that jobs saved, and forgets jobs after a while", async () => {
    const id = await at.start(
      workflowOf(once(), "timeSavedSeconds: 300\n").id === "test"
        ? workflowOf(`id: saver\nname: S\ntimeSavedSeconds: 300\nsteps:\n${once()}`)
        : "",
    );
    await at.until(id);
    expect(await at.store.timeSaved("saver")).toBe(300);
    while ((await at.store.prune(at.clock.now() + 1)) > 0);
    expect(await at.store.get(id)).toBeUndefined();
  });
});

describe("http.request", () => {
  it("sends its key, gives what came back, and judges what went wrong", async () => {
    const server = await countingServer(({ url }, count) => {
      if (url === "/busy")
        return count === 1 ? { status: 429, headers: { "retry-after": "70" } } : { status: 200 };
      if (url === "/broken") return { status: 500, body: "x" };
      if (url === "/cut") return "reset";
      return { status: 200, body: { id: 7 } };
    });
    try {
      const post = (path: string, more = "") =>
        `  - { id: Do, type: action, action: http.request, input: { method: POST, url: "${server.url}${path}", json: { a: 1 } }${more} }\n`;
      const good = await at.start(post("/good"));
      await at.until(good);
      expect(await at.outputs(good)).toMatchObject({ Do: { status: 200, json: { id: 7 } } });
      expect(server.seen[0]).toMatchObject({ body: '{"a":1}', key: expect.stringMatching(/^[0-9a-f]{64}$/) });
      const began = at.clock.now();
      const busy = await at.start(post("/busy", ", retry: { attempts: 2, backoffSeconds: 1 }"));
      const waiting = await at.until(busy, "waiting");
      expect(Number(waiting.wake_at) - began).toBeGreaterThan(65_000);
      at.ahead(71_000);
      expect((await at.until(busy)).status).toBe("succeeded");
      for (const path of ["/broken", "/cut"]) {
        const id = await at.start(post(path, ", retry: { attempts: 2, backoffSeconds: 1 }"));
        expect((await at.until(id)).status).toBe("uncertain");
      }
      const get = await at.start(
        `  - { id: Do, type: action, action: http.request, input: { url: "${server.url}/cut" } }\n`,
      );
      expect((await at.until(get)).status).toBe("failed");
      const outside = await at.start(
        "  - { id: Do, type: action, action: http.request, input: { url: 'http://169.254.169.254/' } }\n",
      );
      expect(await at.until(outside)).toMatchObject({
        status: "failed",
        error: expect.stringContaining("may not reach"),
      });
    } finally {
      await server.close();
    }
  });
});
