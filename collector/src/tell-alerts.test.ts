import type { Alert } from "@vedette/sdk";
import { expect, it } from "vitest";
import { tellingKeeper } from "./tell-alerts.ts";

it("tells jobs, then plugins of both kinds, of what is kept; a failure tells plugins nothing", async () => {
  const told: string[] = [];
  let broken = true;
  const keeper = tellingKeeper({
    alerting: {
      keep: async (alerts, token) => {
        told.push(`keep ${token}`);
        return alerts.filter(({ id }) => id !== "hidden");
      },
    },
    respond: {
      alerted: async (alerts) => {
        if (broken) throw new Error("no database");
        told.push(`jobs ${alerts.map(({ id }) => id)}`);
      },
    },
    plugins: { alerted: (alerts) => told.push(`plugins ${alerts.map(({ id }) => id)}`) },
    sockets: () => ({ stored: (_, alerts) => told.push(`programs ${alerts.map(({ id }) => id)}`) }),
  });
  const alerts = [{ id: "a" }, { id: "hidden" }] as Alert[];
  await expect(keeper.keep(alerts, "t")).rejects.toThrow("no database");
  broken = false;
  expect(await keeper.keep(alerts, "t")).toEqual([{ id: "a" }]);
  expect(told).toEqual(["keep t", "keep t", "jobs a", "plugins a", "programs a"]);
});
