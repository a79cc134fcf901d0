import { expect, it } from "vitest";
import { Lanes } from "./lanes.ts";

const never = new AbortController().signal;
const gate = () => {
  let open = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, promise };
};

it("runs as many as there are lanes, queues the next and refuses beyond the queue", async () => {
  const lanes = new Lanes(1, 1);
  const first = gate();
  const order: string[] = [];
  const running = lanes.run(async () => {
    await first.promise;
    order.push("first");
  }, never);
  const queued = lanes.run(async () => void order.push("second"), never);
  await expect(lanes.run(async () => {}, never)).rejects.toMatchObject({
    code: 202,
    status: 503,
    retryAfter: true,
  });
  first.open();
  await Promise.all([running, queued]);
  expect(order).toEqual(["first", "second"]);
});

it("frees its lane after a failure", async () => {
  const lanes = new Lanes(1, 0);
  await expect(lanes.run(() => Promise.reject(new Error("no")), never)).rejects.toThrow("no");
  await expect(lanes.run(async () => "yes", never)).resolves.toBe("yes");
});

it("leaves the queue when the client goes", async () => {
  const lanes = new Lanes(1, 1);
  const first = gate();
  const running = lanes.run(() => first.promise, never);
  const leaving = new AbortController();
  const left = lanes.run(async () => {}, leaving.signal);
  leaving.abort();
  await expect(left).rejects.toMatchObject({ code: 394 });
  const queued = lanes.run(async () => "in", never);
  first.open();
  await running;
  await expect(queued).resolves.toBe("in");
});
