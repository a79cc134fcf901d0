import type { Event } from "@vedette/sdk";
import fc from "fast-check";
import { at } from "./events.ts";

export const lateMs = 2_000;

const user = fc.constantFrom("root", "admin", "web");
const message = fc.constantFrom("Failed password", "accepted password", "session closed");
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 5 });

/** Events of two data types within seconds, mostly in order, for rules that look back. */
export const stream = (maxLength: number): fc.Arbitrary<Event[]> =>
  fc
    .array(
      fc.record({
        dataType: fc.constantFrom("a", "b"),
        gap: fc.constantFrom(0, 0, 500, 1_000, 1_500, -1_000, -2_500),
        user: optional(user),
        code: optional(fc.constantFrom(200, 404)),
        message: optional(message),
        tags: optional(fc.array(user, { maxLength: 2 })),
      }),
      { minLength: 1, maxLength },
    )
    .map((list) => {
      let time = 10_000;
      return list.map((each, i): Event => {
        time = Math.max(0, time + each.gap);
        const log = {
          ...(each.message === undefined ? {} : { message: each.message }),
          ...(each.tags?.length ? { tags: each.tags } : {}),
        };
        return {
          id: `e${i}`,
          "@timestamp": at(time),
          dataType: each.dataType,
          ...(each.code === undefined ? {} : { statusCode: each.code }),
          ...(each.user === undefined ? {} : { origin: { user: each.user } }),
          ...(Object.keys(log).length > 0 ? { log } : {}),
        };
      });
    });

const value = fc.constantFrom<string | number>(
  "root",
  "404",
  404,
  "failed",
  "closed password",
  "{{.origin.user}}",
  "{{.statusCode}}",
  "{{.log.message}}",
);
const condition = fc.record({
  field: fc.constantFrom(
    "origin.user",
    "origin.user.keyword",
    "statusCode",
    "log.message",
    "log.tags",
    "log.gone",
  ),
  operator: fc.constantFrom("filter_term", "filter_term", "must_not_term", "filter_match", "must_not_match"),
  value,
});

export interface Request {
  indexPattern?: string | undefined;
  with: { field: string; operator: string; value: string | number }[];
  within: string;
  count: number;
  or: Request[];
}

const request = (depth: number): fc.Arbitrary<Request> =>
  fc.record({
    indexPattern: fc.constantFrom(undefined, "v11-log-a-*", "v11-log-*"),
    with: fc.array(condition, { maxLength: 2 }),
    within: fc.constantFrom("1s", "2s", "3500ms"),
    count: fc.constantFrom(1, 2, 2, 3),
    or: depth > 0 ? fc.array(request(depth - 1), { maxLength: 1 }) : fc.constant([]),
  });

export interface HistoryRule {
  readonly name: string;
  readonly dataTypes: string[];
  readonly where: string;
  readonly afterEvents: Request[];
}

/** Rules that look back, as they would stand in a file. */
export const historyRules = (maxLength: number): fc.Arbitrary<HistoryRule[]> =>
  fc
    .array(
      fc.record({
        dataTypes: fc.constantFrom<string[]>(["a"], ["b"], ["a", "b"]),
        where: fc.constantFrom(
          'exists("id")',
          'equals("statusCode", 404)',
          'exists("origin.user")',
          'oneOf("origin.user", ["root", "web"]) && exists("id")',
          '!equals("origin.user", "root")',
        ),
        afterEvents: fc.array(request(1), { minLength: 1, maxLength: 2 }),
      }),
      { minLength: 1, maxLength },
    )
    .map((rules) => rules.map((rule, i) => ({ name: `rule ${i}`, ...rule })));
