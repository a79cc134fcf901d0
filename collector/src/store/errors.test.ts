import { ClickHouseError } from "@clickhouse/client";
import { expect, it } from "vitest";
import { storeError } from "./errors.ts";

const clickhouse = (code: string, message = "x") => new ClickHouseError({ code, type: "T", message });

it.each(["159", "202", "241", "243", "252", "394", "210", "999"])("retries after code %s", (code) => {
  expect(storeError(clickhouse(code), "Inserting")).toMatchObject({
    code: "store.unavailable",
    verdict: { verdict: "retry" },
  });
});

it.each(["6", "27", "33", "36", "53", "60", "62", "70", "117", "497"])("drops after code %s", (code) => {
  expect(storeError(clickhouse(code), "Inserting")).toMatchObject({
    code: "store.rejected",
    verdict: { verdict: "drop" },
  });
});

it("drops a batch of too many days, although its code is that of too many parts", () => {
  const error = clickhouse("252", "Too many partitions for single INSERT block (more than 100).");
  expect(storeError(error, "Inserting").verdict.verdict).toBe("drop");
});

it("drops what needs more memory than a statement may have, and retries while the server is short of it", () => {
  const verdict = (message: string) => storeError(clickhouse("241", message), "Inserting").verdict.verdict;
  expect(verdict("Query memory limit exceeded: would use 4.00 TiB, maximum: 1.00 GiB.")).toBe("drop");
  expect(verdict("(total) memory limit exceeded: would use 2.01 GiB, maximum: 2.00 GiB.")).toBe("retry");
});

it("retries what is not an answer of ClickHouse, and keeps the cause", () => {
  const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  expect(storeError(cause, "Inserting")).toMatchObject({ verdict: { verdict: "retry" }, cause });
});
