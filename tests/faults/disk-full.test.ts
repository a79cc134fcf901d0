import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fleet, fillDisk, NumberedLog, pause, smallDisk, until } from "@vedette/testkit";
import { afterEach, describe, expect, it } from "vitest";

const isRoot = process.getuid?.() === 0;
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

const storedBy = async (fleet: Fleet): Promise<number> => {
  const page = await fleet.get<{ items: { count: number | string }[] }>("/api/v1/events/histogram?from=-1h");
  return page.items.reduce((sum, { count }) => sum + Number(count), 0);
};

describe.skipIf(!isRoot)("a full disk (needs root, for a small file system of its own)", () => {
  it.each([
    ["agent", 32],
    ["collector", 256],
  ] as const)("of the %s makes lines wait and loses none", async (part, mebibytes) => {
    const dir = mkdtempSync(join(tmpdir(), "vedette-full-"));
    cleanUps.push(() => rmSync(dir, { recursive: true, force: true }));
    const unmount = smallDisk(join(dir, part), mebibytes);
    if (!unmount) {
      console.warn("This machine does not let us mount a file system: not tested.");
      return;
    }
    cleanUps.push(unmount);
    const fleet = await Fleet.create(dir, {
      inputs: [{ type: "file", dataType: "numbered", include: [join(dir, "logs", "app.log")] }],
      agent: { batch: { seconds: 0.2, rows: 1_000 } },
    });
    cleanUps.push(() => fleet.destroy());
    const log = new NumberedLog(join(dir, "logs"));
    fleet.start("collector");
    fleet.start("agent");
    await fleet.ready();
    log.append(2_000);
    await until("the first lines", async () => (await storedBy(fleet)) === 2_000);

    const filler = join(dir, part, "filler");
    fillDisk(filler);
    log.append(20_000);
    const said = part === "agent" ? /cannot be written; inputs wait/ : /did not take a batch, will retry/;
    /** What was delivered or merged meanwhile leaves room, which must not be enough for the rest. */
    const press = (): void => {
      fillDisk(filler);
      log.append(100);
    };
    await until(
      "it to say that it waits",
      () => {
        if (said.test(fleet.process(part)?.stderr() ?? "")) return true;
        press();
        return false;
      },
      { everyMs: 250 },
    );
    for (let look = 0; look < 4; look++) {
      press();
      await pause(500);
    }
    expect(await storedBy(fleet).catch(() => 0)).toBeLessThan(log.written);
    rmSync(filler);
    let stored = 0;
    await until(
      "all lines, and none twice",
      async () => {
        stored = await storedBy(fleet);
        return stored === log.written;
      },
      { everyMs: 200, timeoutMs: 300_000 },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)} ${stored} of ${log.written} came.\n${fleet.log()}`, { cause: error });
    });
    await pause(1_000);
    expect(await storedBy(fleet)).toBe(log.written);
    await fleet.stop();
  });
});
