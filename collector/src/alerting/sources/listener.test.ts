import { defaultTenant } from "@vedette/sdk";
import { expect, it } from "vitest";
import { at, batchFrom } from "../../detect/testing/events.ts";
import { SourceListener } from "./listener.ts";

it("hears each pair of tenant and source that rows have, and no other", () => {
  const listener = new SourceListener(10);
  const rows: [string | undefined, string | undefined][] = [
    ["acme", "web-1"],
    ["acme", "web-2"],
    ["beta", "web-1"],
    ["acme", "web-1"],
    [undefined, "web-3"],
    ["beta", undefined],
  ];
  const events = rows.map(([tenantId, dataSource], row) => ({
    ...{ id: `${row}`, "@timestamp": at(row), dataType: "nginx" },
    ...(tenantId && { tenantId }),
    ...(dataSource && { dataSource }),
  }));
  listener.hear([batchFrom(events)], 1);
  const tenants = listener.take(100).map(({ tenantId, dataSource }) => `${tenantId} ${dataSource}`);
  expect(tenants).toEqual(["acme web-1", "acme web-2", "beta web-1", `${defaultTenant.id} web-3`]);
});
