import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { storedEvents } from "./stored-events.ts";

const server = createServer();
afterEach(() => void server.close().removeAllListeners("request"));

/** Pages of a collector that answers with these, one after the other; a number is a refusal. */
async function read(answers: readonly (number | { items: { id: string }[]; next: string | null })[]) {
  const left = [...answers];
  server.on("request", (_, response) => {
    const answer = left.shift();
    response.statusCode = typeof answer === "number" ? answer : 200;
    response.end(JSON.stringify(typeof answer === "number" ? { title: "Refused." } : answer));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ids: string[] = [];
  const pages = storedEvents({ url, from: "-1h", dataTypes: undefined }, AbortSignal.timeout(60_000));
  for await (const page of pages) ids.push(...page.map(({ id }) => id ?? ""));
  return { ids, left: left.length };
}
const first = { items: [{ id: "a" }], next: "more" };
const last = { items: [{ id: "b" }], next: null };

it("asks again for a page that is refused once others came", async () => {
  expect(await read([first, 429, last])).toEqual({ ids: ["a", "b"], left: 0 });
});

it("tells at once what is refused at first, and what is wrong with a request", async () => {
  await expect(read([429, first])).rejects.toThrow("The collector answered 429: Refused.");
  server.close().removeAllListeners("request");
  await expect(read([first, 400, last])).rejects.toThrow("The collector answered 400");
});
