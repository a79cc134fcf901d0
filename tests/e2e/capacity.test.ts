import { run } from "@vedette/testkit";
import { describe, expect, it } from "vitest";

describe("vedette capacity", () => {
  it("plans a fleet in words and as JSON", async () => {
    const asked = ["capacity", "--agents", "50000", "--events-per-agent", "200"];
    const text = await run(asked);
    expect(text).toMatchObject({ code: 0, stderr: "" });
    expect(text.stdout).toContain("10,000,000 a second");
    expect(text.stdout).toMatch(/^ClickHouse +[\d,]+ of 32 cores/m);
    const json = await run([...asked, "--json", "--batch-seconds", "30"]);
    const plan = JSON.parse(json.stdout) as { events: number; batches: object; delaySeconds: number };
    expect(plan).toMatchObject({ events: 10_000_000, batches: { rows: 6_000 }, delaySeconds: 31 });
  });

  it("asks for what it cannot guess, and refuses nonsense", async () => {
    expect(await run(["capacity", "--agents", "3"])).toMatchObject({ code: 2 });
    const wrong = await run(["capacity", "--agents", "3", "--events-per-agent", "many"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("--events-per-agent");
  });
});
