import type { IncomingMessage, ServerResponse } from "node:http";
import { Loopback, type Seen } from "../../_channel/testing/loopback.ts";

interface Stored {
  readonly id: number;
  readonly value: string;
  readonly scope: string;
  readonly scenario: string;
  readonly origin: string;
  readonly type: string;
  until: number;
  readonly at: number;
}

/** How the next answers go wrong. */
export type Fault = (response: ServerResponse) => void;

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
};

/** Duration as Go prints it. */
const goDuration = (ms: number): string =>
  `${ms < 0 ? "-" : ""}${Math.floor(Math.abs(ms) / 60_000)}m${(Math.abs(ms) % 60_000) / 1_000}s`;

/**
 * A local API with the answers of CrowdSec 1.6: statuses, `null` for nothing, capital scopes, durations of Go, and a memory of what
 * the bouncer has been given.
 */
export class FakeLapi {
  readonly loopback: Loopback;
  readonly machine = { username: "vedette", password: "correct horse" };
  readonly key = "5e8f1d1a2b3c4d5e6f708192a3b4c5d6";
  readonly decisions: Stored[] = [];
  now = 1_750_000_000_000;
  tokenMs = 3_600_000;
  logins = 0;
  #tokens = new Map<string, number>();
  #faults: { readonly on: RegExp; readonly fault: Fault; readonly after: boolean }[] = [];
  #pulled = 0;
  #last = 0;
  url = "";

  constructor(tls?: { readonly cert: Buffer; readonly key: Buffer }) {
    this.loopback = new Loopback(tls);
    this.loopback.answer = (request, response) => this.#answer(request, response);
  }

  async start(): Promise<this> {
    this.url = await this.loopback.start();
    return this;
  }

  /** The next request that fits goes wrong; with `after` it does what it should first. */
  failNext(on: RegExp, fault: Fault, after = false): void {
    this.#faults.push({ on, fault, after });
  }

  forgetTokens(): void {
    this.#tokens.clear();
  }

  add(value: string, more: Partial<Stored> = {}): Stored {
    const stored = {
      ...{
        id: ++this.#last,
        value,
        scope: value.includes("/") ? "Range" : "Ip",
        scenario: "crowdsecurity/ssh-bf",
      },
      ...{ origin: "crowdsec", type: "ban", until: this.now + 14_400_000, at: this.now },
      ...more,
    };
    this.decisions.push(stored);
    return stored;
  }

  /** As a new database begins. */
  reset(): void {
    this.decisions.length = 0;
    this.#last = 0;
  }

  asked(on: RegExp): Seen[] {
    return this.loopback.seen.filter(({ line }) => on.test(line));
  }

  #answer(request: IncomingMessage, response: ServerResponse): unknown {
    const { line, body } = this.loopback.seen.at(-1) as Seen;
    const at = this.#faults.findIndex(({ on }) => on.test(line));
    const [planned] = at < 0 ? [] : this.#faults.splice(at, 1);
    if (!planned) return this.#do(request, body, response);
    if (planned.after) this.#do(request, body, { writeHead: () => undefined, end: () => undefined } as never);
    planned.fault(response);
    return undefined;
  }

  #do({ method, url = "", headers }: IncomingMessage, body: string, response: ServerResponse): unknown {
    const { pathname, searchParams } = new URL(url, "http://x");
    if (pathname === "/v1/watchers/login") return this.#login(body, response);
    if (/^\/v1\/decisions(\/stream)?$/.test(pathname) && method === "GET") {
      if (headers["x-api-key"] !== this.key) return json(response, 403, { message: "access forbidden" });
      return pathname.endsWith("stream") ? this.#stream(searchParams, response) : json(response, 200, null);
    }
    const token = /^Bearer (.*)$/.exec(headers.authorization ?? "")?.[1] ?? "";
    if ((this.#tokens.get(token) ?? 0) <= this.now)
      return json(response, 401, { code: 401, message: "Token is expired" });
    if (pathname === "/v1/alerts" && method === "GET") return this.#alerts(searchParams, response);
    if (pathname === "/v1/alerts" && method === "POST") return this.#push(body, response);
    const id = /^\/v1\/decisions\/(\d+)$/.exec(pathname)?.[1];
    const found = this.decisions.find((each) => each.id === Number(id));
    if (method !== "DELETE" || !found) return json(response, 404, { message: "object not found" });
    found.until = this.now;
    return json(response, 200, { nbDeleted: "1" });
  }

  #login(body: string, response: ServerResponse): unknown {
    const { machine_id: user, password } = JSON.parse(body) as Record<string, string>;
    if (user !== this.machine.username || password !== this.machine.password)
      return json(response, 401, { code: 401, message: "incorrect Username or Password" });
    const token = `token-${++this.logins}`;
    this.#tokens.set(token, this.now + this.tokenMs);
    return json(response, 200, { code: 200, expire: new Date(this.now + this.tokenMs).toISOString(), token });
  }

  #shown({ id, value, scope, scenario, origin, type, until }: Stored): object {
    const duration = goDuration(until - this.now);
    return { duration, id, origin, scenario, scope, type, value, uuid: `0000-${id}` };
  }

  #alerts(query: URLSearchParams, response: ServerResponse): void {
    const fits = ({ scope, value, until, origin }: Stored): boolean =>
      until > this.now &&
      origin !== "CAPI" &&
      (query.get("scope") ?? scope) === scope &&
      (query.get("value") ?? value) === value;
    const found = this.decisions.filter(fits);
    const shown = found.map((each) => ({
      id: each.id,
      scenario: each.scenario,
      decisions: [this.#shown(each)],
    }));
    json(response, 200, shown.length === 0 ? null : shown);
  }

  #push(body: string, response: ServerResponse): unknown {
    const given = JSON.parse(body) as {
      scenario_hash?: string;
      source: { scope: string; value: string };
      decisions: {
        duration: string;
        scope: string;
        value: string;
        type: string;
        scenario: string;
        origin: string;
      }[];
    }[];
    const missing = given.some((each) => each.scenario_hash === undefined || !each.source?.value);
    if (missing)
      return json(response, 500, { message: "validation failure list: scenario_hash in body is required" });
    for (const { decisions } of given)
      for (const { duration, ...rest } of decisions)
        this.add(rest.value, { ...rest, until: this.now + Number.parseInt(duration, 10) * 1_000 });
    return json(
      response,
      201,
      given.map(() => String(this.#last)),
    );
  }

  #stream(query: URLSearchParams, response: ServerResponse): void {
    const startup = query.get("startup") === "true";
    const origins = query.get("origins")?.split(",");
    const wanted = this.decisions.filter(({ origin }) => origins?.includes(origin) ?? true);
    const fresh = wanted.filter(({ until, at }) => until > this.now && (startup || at > this.#pulled));
    const ended = wanted.filter(
      ({ until }) => until <= this.now && (startup || until > this.#pulled - 2_000),
    );
    this.#pulled = this.now;
    const list = (of: Stored[]): object[] | null =>
      of.length === 0 ? null : of.map((each) => this.#shown(each));
    json(response, 200, { deleted: list(ended), new: list(fresh) });
  }
}
