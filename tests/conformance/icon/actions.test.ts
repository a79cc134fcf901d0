import { eventually } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { alive, hostileBench } from "./bench.ts";
import { noPython } from "./python.ts";

let benches: ReturnType<typeof hostileBench>[] = [];
const bench = (...args: Parameters<typeof hostileBench>) => {
  const made = hostileBench(...args);
  benches.push(made);
  return made;
};
afterEach(() => {
  for (const each of benches) each.close();
  benches = [];
});

describe.skipIf(noPython !== undefined)(`a plugin that misbehaves as an action ${noPython ?? ""}`, () => {
  it("answers when it behaves", async () => {
    expect(await bench().act("answer")).toMatchObject({ output: { text: "hello" } });
  });

  it.each([
    ["crash", "plugin.failed", /ended with signal SIGSEGV: about to die/],
    ["flood", "plugin.bad_output", /wrote more than it may/],
    ["lie", "plugin.bad_output", /^The output of action lie does not fit: text is not text\.$/],
    ["garbage", "plugin.bad_output", /no answer/],
    ["other_kind", "plugin.bad_output", /action_event/],
    ["silent", "plugin.bad_output", /no answer/],
    ["deep", "plugin.bad_output", /text is not text/],
    ["refuse", "plugin.failed", /^Invalid API key provided\. Check it\.$/],
    ["limited", "plugin.failed", /currently rate-limited/],
  ])("%s: %s, in words", async (id, code, words) => {
    await expect(bench().act(id)).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
  });

  it("says whether another try can help", async () => {
    const { act } = bench();
    await expect(act("refuse")).rejects.toMatchObject({
      verdict: { verdict: "drop" },
      detail: { preset: "API_KEY", data: "401" },
    });
    await expect(act("limited")).rejects.toMatchObject({
      verdict: { verdict: "retry", afterMs: 60_000 },
      detail: { preset: "RATE_LIMIT" },
    });
  });

  it("hears an answer among chatter, and keeps of a long log the end", async () => {
    const { act, log } = bench();
    expect(await act("chatter")).toMatchObject({ output: { text: "heard" } });
    expect(log.lines.length).toBeLessThan(200);
    expect((await act("log")).log).toHaveLength(64 * 1_024);
    expect(await act("deaf")).toMatchObject({ output: { text: "deaf" } });
  });

  it("ends one that hangs with all that it started, and serves the others meanwhile", async () => {
    const { act, noted, transport } = bench({ timeoutSeconds: 8 });
    const hanging = act("hang").catch((error: unknown) => error);
    await eventually("the plugin to hang", () => noted().length === 2);
    expect(await act("answer")).toMatchObject({ output: { text: "hello" } });
    expect(await hanging).toMatchObject({ code: "plugin.timed_out", verdict: { verdict: "retry" } });
    for (const pid of noted()) await eventually("its end", () => !alive(Number(pid)));
    expect(transport.usage()).toMatchObject({ runs: 2, failures: 1 });
  });

  it("ends what a program leaves behind", async () => {
    const { act, noted } = bench();
    expect(await act("escape")).toMatchObject({ output: { text: "left" } });
    await eventually("the end of its child", () => !alive(Number(noted()[0])));
  });

  it.skipIf(process.platform !== "linux")("ends one that takes too much memory", async () => {
    const { act, transport } = bench({ maxMemoryBytes: 100 * 1024 * 1024 });
    await expect(act("hog")).rejects.toMatchObject({ message: expect.stringContaining("more memory") });
    expect(transport.usage().peakMemoryBytes).toBeGreaterThan(100 * 1024 * 1024);
    expect(transport.usage().cpuSeconds).toBeGreaterThan(0);
  });

  it("lets a bounded number wait, and refuses the rest to come again", async () => {
    const { act, stop } = bench({ maxConcurrent: 1 });
    const all = Array.from({ length: 66 }, () => act("hang").catch((error: unknown) => error));
    expect(await all[65]).toMatchObject({
      verdict: { verdict: "retry" },
      message: expect.stringContaining("wait already"),
    });
    stop.abort();
    for (const each of all.slice(0, 65)) expect(await each).toMatchObject({ code: "plugin.failed" });
  });

  it("shows it no secret of ours", async () => {
    process.env["VEDETTE_TEST_SECRET"] = "hidden";
    const { output } = await bench().act("environment");
    delete process.env["VEDETTE_TEST_SECRET"];
    expect(JSON.stringify(output)).not.toContain("hidden");
  });

  it("is not started with what does not fit, and the refusal quotes no secret", async () => {
    const { act, noted, plugin, stop } = bench();
    const secret = { key: { secretKey: 12_345_678 } };
    const refusal = await act("hang", {}, secret).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: "plugin.bad_input",
      message: "The connection does not fit: key.secretKey is not text.",
    });
    await expect(act("hang", { text: null })).rejects.toMatchObject({ code: "plugin.bad_input" });
    await expect(act("hang", { text: "" })).rejects.toMatchObject({ code: "plugin.bad_input" });
    await expect(
      plugin.run({ kind: "action", id: "__proto__", input: {}, connection: {} }, { signal: stop.signal }),
    ).rejects.toMatchObject({ code: "plugin.bad_input" });
    expect(noted()).toEqual([]);
  });

  it("says so where there is nothing to start", async () => {
    const { act } = bench({ argv: ["/no/such/program"] });
    await expect(act("answer")).rejects.toMatchObject({
      code: "plugin.failed",
      message: expect.stringContaining("could not be started"),
    });
  });
});
