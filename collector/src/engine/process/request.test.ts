import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { authenticate } from "./auth.ts";
import { engineErrorOf } from "./errors.ts";
import { literal, parseRequest, setStatement } from "./request.ts";

const request = (url: string, headers: Record<string, string> = {}) =>
  ({ url, headers }) as unknown as IncomingMessage;

describe("a request", () => {
  it("keeps settings and parameters and leaves out what steers HTTP", () => {
    const parsed = parseRequest(
      request(
        "/?query=SELECT%201&max_threads=2&param_a=it%27s&readonly=1&wait_end_of_query=1&database=x&session_id=s&query_id=q1",
        { "accept-encoding": "gzip, br" },
      ),
    );
    expect(parsed).toMatchObject({ query: "SELECT 1", database: "x", queryId: "q1", compress: false });
    expect(setStatement(parsed.settings)).toBe("SET max_threads = '2', param_a = 'it\\'s'");
  });

  it.each([
    ["/?a%20b=1", 115],
    ["/?database=a%60b", 36],
    ["/?query_id=%0a", 36],
    ["/?default_format=a-b", 36],
  ])("is refused: %s", (url, code) => {
    expect(() => parseRequest(request(url))).toThrow(expect.objectContaining({ code }));
  });

  it("quotes values so that none leaves its literal", () => {
    expect(literal("a\\'; DROP TABLE t --")).toBe("'a\\\\\\'; DROP TABLE t --'");
  });
});

describe("authentication", () => {
  const users = [{ name: "vedette", key: "k1", role: "writer" } as const];
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });
  it("takes the headers of ClickHouse and basic authorization", () => {
    expect(authenticate(request("/", basic("vedette:k1")), users).role).toBe("writer");
    const headers = { "x-clickhouse-user": "vedette", "x-clickhouse-key": "k1" };
    expect(authenticate(request("/", headers), users).name).toBe("vedette");
  });
  it.each([{}, basic("vedette:"), basic("vedette:k2"), basic("k1"), { "x-clickhouse-user": "vedette" }])(
    "refuses %j",
    (headers) => {
      expect(() => authenticate(request("/", headers), users)).toThrow(
        expect.objectContaining({ code: 516, status: 403 }),
      );
    },
  );
});

describe("an engine error", () => {
  it("keeps the code and drops the repeated prefix", () => {
    const error = engineErrorOf(
      new Error(
        "Query failed: Code: 60. DB::Exception: Code: 60. DB::Exception: Unknown table. (UNKNOWN_TABLE)",
      ),
    );
    expect(error).toMatchObject({ code: 60, status: 404 });
    expect(error.message).toBe("Code: 60. DB::Exception: Unknown table. (UNKNOWN_TABLE)");
  });
  it("always ends with a name, without which clients do not see the code", () => {
    expect(engineErrorOf(new Error("Code: 62. DB::Exception: cut at ")).message).toMatch(
      /\(UNKNOWN_EXCEPTION\)$/,
    );
  });
  it("makes something of anything", () => {
    expect(engineErrorOf("boom")).toMatchObject({ code: 1002, status: 500 });
  });
});
