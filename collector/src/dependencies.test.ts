import { expect, it } from "vitest";
import { collectorConfig } from "./config/index.ts";
import { dependencies } from "./dependencies.ts";
import { Agents } from "./ingest/index.ts";

it("names the hosts that the collector needs, keeps what it knew of them, and the agents that connect", async () => {
  const config = collectorConfig.parse({
    store: { url: "https://db.example:8443" },
    control: { url: "postgres://vedette@[2001:db8::5]:5432/vedette" },
    ingest: { kafka: { brokers: ["k1.example:9092"], tls: { enabled: true } } },
  });
  const agents = new Agents();
  agents.hello("web-1", { host: "web-1", version: "1", clockSkewMs: 0, address: "198.41.0.7" }, 0);
  agents.hello("unix", { host: "unix", version: "1", clockSkewMs: 0, address: undefined }, 0);
  let [now, fails] = [0, false];
  const resolve = async (host: string): Promise<string[]> => {
    if (fails) throw new Error("No such name.");
    return host.includes(":") ? [host] : [`198.41.1.${host.length}`];
  };
  const ask = dependencies(config, agents, { now: () => now, resolve });
  const wanted = [
    { entry: "198.41.1.10", why: "the store of this collector" },
    { entry: "2001:db8::5", why: "the control database of this collector" },
    { entry: "198.41.1.10", why: "a broker of this collector" },
    { entry: "198.41.0.7", why: "the agent web-1 connects from there" },
  ];
  expect(await ask()).toEqual(wanted);
  [now, fails] = [400_000, true];
  expect(await ask()).toEqual(wanted);
});
