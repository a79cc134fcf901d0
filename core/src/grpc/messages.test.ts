import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageError, MessageReader, prefixOf } from "./messages.ts";

const wire = (messages: readonly Buffer[]): Buffer =>
  Buffer.concat(messages.flatMap((message) => [prefixOf(message.length), message]));

describe("the reader of messages", () => {
  it("gives the same messages however the bytes are cut and wherever it is stopped", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 4 }),
        (contents, sizes, stopEvery) => {
          const messages = contents.map((content) => Buffer.from(content));
          const bytes = wire(messages);
          const reader = new MessageReader(1_000);
          const read: Buffer[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const chunk = bytes.subarray(at, at + sizes[i % sizes.length]!);
            at += chunk.length;
            let rest: Buffer | undefined = chunk;
            while (rest) rest = reader.push(rest, (message) => read.push(message) % stopEvery !== 0);
          }
          expect(read).toEqual(messages);
        },
      ),
    );
  });

  it("takes a message far larger than a chunk", () => {
    const message = Buffer.alloc(5 << 20, "abcdefgh");
    const bytes = wire([message]);
    const reader = new MessageReader(message.length);
    const read: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 65_536) {
      reader.push(bytes.subarray(at, at + 65_536), (each) => read.push(each) > 0);
    }
    expect(read.map((each) => each.equals(message))).toEqual([true]);
  });

  it.each([
    ["too large", prefixOf(1_001), 8],
    ["compressed", Buffer.from([1, 0, 0, 0, 1, 0]), 12],
  ])("refuses a message that is %s as soon as its prefix is there", (_, bytes, code) => {
    const reader = new MessageReader(1_000);
    const error = (() => {
      try {
        reader.push(bytes, () => true);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(MessageError);
    expect((error as MessageError).status.code).toBe(code);
  });
});
