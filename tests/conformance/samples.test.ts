import { testDeps } from "@vedette/sdk/testing";
import { expect, it } from "vitest";
import { sampleBlocks } from "../../cli/src/samples/world.ts";
import { allPlugins } from "./support/plugin-list.ts";

it("GeoIP shows the countries that the samples mean", async () => {
  const plugin = allPlugins.find(({ plugin: { id } }) => id === "geoip")?.plugin;
  const enricher = await plugin?.enrich?.open(plugin.settings.parse({}), testDeps());
  for (const [country, first, second] of sampleBlocks) {
    for (let third = 1; third < 255; third += 23) {
      const ip = `${first}.${second}.${third}.9`;
      expect(enricher?.lookup(ip), ip).toMatchObject({ "geolocation.countryCode": country });
    }
  }
  expect(new Set(sampleBlocks.map(([country]) => country)).size).toBeGreaterThan(15);
});
