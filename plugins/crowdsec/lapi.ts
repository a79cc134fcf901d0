import { type ConnectionDeps, credential, defineConnection, isLoopback, messageOf } from "@vedette/sdk";
import { z } from "zod";
import { answerFailure, failureOf, refused, unavailable } from "../_action/outcome.ts";
import { type Answer, ownAuthority } from "../_channel/parts.ts";
import type { Backend, Ban } from "./backend.ts";
import { alerts, type Decision, decisions } from "./decision.ts";

const address = z
  .string()
  .max(2_000)
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, username, password, search, hash } = new URL(text);
    return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === "");
  }, "Expected http:// or https:// and a host, without a password or a query");

const settings = z
  .strictObject({
    url: address
      .default("http://127.0.0.1:8080")
      .describe("Address of the local API. On this machine it must be in collector.egress.allow too."),
    machine: credential
      .usernamePassword({
        title: "Machine",
        help: "`cscli machines add vedette --auto`: what bans, lifts and lists.",
      })
      .optional(),
    bouncer: credential
      .secretKey({
        title: "Key of a bouncer",
        help: "`cscli bouncers add vedette`: decisions are read as events with it. No other bouncer may use it.",
      })
      .optional(),
    authority: ownAuthority,
    dangerouslyAllowPlaintext: z
      .boolean()
      .default(false)
      .describe("Send the password without TLS to another machine. Private networks only."),
  })
  .superRefine(({ url, dangerouslyAllowPlaintext }, context) => {
    const { protocol, hostname } = new URL(url);
    if (protocol === "https:" || dangerouslyAllowPlaintext || isLoopback(hostname.replace(/^\[|\]$/g, "")))
      return;
    const message = "The password would travel unprotected: use https://, or set dangerouslyAllowPlaintext.";
    context.addIssue({ code: "custom", message, path: ["url"] });
  });
type Settings = z.infer<typeof settings>;

const login = z.looseObject({ token: z.string().min(1).max(16_384), expire: z.string().max(100).optional() });
const stream = z.looseObject({ new: decisions, deleted: decisions });

const silentMs = 10_000;
const mostAnswerBytes = 32 * 2 ** 20;
/** A token is taken for over so long before it is. */
const spareMs = 60_000;
const usualTokenMs = 3_600_000;

interface Asked {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly body?: unknown;
  /** Statuses that are a success too. */
  readonly fine?: readonly number[];
  readonly by?: "machine" | "bouncer" | "nobody";
}

/** What log-ins of a connection share. */
interface Session {
  token?: { readonly value: string; readonly until: number } | undefined;
}

/** The local API of CrowdSec. Throws as `ActionCapability` says. */
export class Lapi implements Backend {
  readonly #settings: Settings;
  readonly #deps: ConnectionDeps;
  readonly #session: Session;

  constructor(given: Settings, deps: ConnectionDeps, session: Session = {}) {
    this.#settings = given;
    this.#deps = deps;
    this.#session = session;
  }

  /** The same, ended by the signal of one call. */
  with(signal: AbortSignal): Lapi {
    return new Lapi(this.#settings, { ...this.#deps, signal }, this.#session);
  }

  async active(value?: Pick<Ban, "scope" | "value">): Promise<Decision[]> {
    const query = new URLSearchParams({ has_active_decision: "true", include_capi: "false", limit: "0" });
    if (value) for (const [key, each] of Object.entries(value)) query.set(key, each);
    const found = this.#read(alerts, await this.#ask(`/v1/alerts?${query}`), true);
    return found.flatMap((alert) => alert.decisions);
  }

  async ban({ scope, value, seconds, scenario }: Ban): Promise<void> {
    const at = new Date(this.#deps.clock.now()).toISOString();
    const duration = `${seconds}s`;
    const alert = {
      ...{
        scenario,
        scenario_hash: "",
        scenario_version: "",
        message: scenario,
        events_count: 1,
        events: [],
      },
      ...{ start_at: at, stop_at: at, capacity: 0, leakspeed: "0", simulated: false, remediation: true },
      source: { scope, value, ...(scope === "Ip" ? { ip: value } : { range: value }) },
      decisions: [{ duration, scope, value, type: "ban", scenario, origin: "cscli" }],
    };
    const answer = await this.#ask("/v1/alerts", { method: "POST", body: [alert] });
    this.#read(z.array(z.string()).min(1), answer, false);
  }

  async lift(id: number): Promise<void> {
    await this.#ask(`/v1/decisions/${id}`, { method: "DELETE", fine: [404] });
  }

  async check(): Promise<string> {
    if (this.#settings.machine) await this.#logIn();
    if (this.#settings.bouncer) await this.#ask("/v1/decisions?ip=192.0.2.1", { by: "bouncer" });
    const able = [
      ...(this.#settings.machine ? ["the machine"] : []),
      ...(this.#settings.bouncer ? ["the bouncer"] : []),
    ];
    if (able.length === 0) throw refused("Neither a machine nor the key of a bouncer is set");
    return `The local API knows ${able.join(" and ")}.`;
  }

  /** What is new and what has ended since the last call with this key, or with `startup` all of it. */
  async changes(
    startup: boolean,
    origins: readonly string[],
  ): Promise<{ readonly fresh: readonly Decision[]; readonly ended: readonly Decision[] }> {
    const query = new URLSearchParams({ startup: String(startup) });
    if (origins.length > 0) query.set("origins", origins.join(","));
    const { new: fresh, deleted } = this.#read(
      stream,
      await this.#ask(`/v1/decisions/stream?${query}`, { by: "bouncer" }),
      true,
    );
    return { fresh, ended: deleted };
  }

  /** A token that has ended meanwhile, or that the other side has forgotten, is renewed once. */
  async #ask(path: string, asked: Asked = {}): Promise<Answer> {
    const { by = "machine" } = asked;
    const answer = await this.#send(path, asked);
    const again = by === "machine" && (answer.status === 401 || answer.status === 403);
    if (!again) return this.#require(answer, asked);
    this.#session.token = undefined;
    return this.#require(await this.#send(path, asked), asked);
  }

  #require(answer: Answer, { method = "GET", fine = [] }: Asked): Answer {
    const { status } = answer;
    if ((status >= 200 && status < 300) || fine.includes(status)) return answer;
    throw answerFailure(answer, method === "GET", this.#deps.clock.now());
  }

  async #send(path: string, { method = "GET", body, by = "machine" }: Asked): Promise<Answer> {
    const { url, authority } = this.#settings;
    const headers = await this.#headers(by);
    try {
      const answer = await this.#deps.egress.fetch(`${url.replace(/\/+$/, "")}${path}`, {
        ...{ method, redirects: 0, maxBytes: mostAnswerBytes, idleMs: silentMs, signal: this.#deps.signal },
        headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(authority === undefined ? {} : { tls: { ca: authority } }),
      });
      return { status: answer.status, text: await answer.text(), headers: answer.headers };
    } catch (error) {
      throw failureOf(error, method === "GET");
    }
  }

  async #headers(by: NonNullable<Asked["by"]>): Promise<Record<string, string>> {
    const agent = { "user-agent": "vedette/v1.0.0" };
    if (by === "nobody") return agent;
    if (by === "machine") return { ...agent, authorization: `Bearer ${await this.#tokenNow()}` };
    const { bouncer } = this.#settings;
    if (!bouncer) throw refused("The connection has no key of a bouncer");
    return { ...agent, "x-api-key": bouncer.secretKey };
  }

  async #tokenNow(): Promise<string> {
    const { token } = this.#session;
    if (token && this.#deps.clock.now() < token.until - spareMs) return token.value;
    return this.#logIn();
  }

  async #logIn(): Promise<string> {
    const { machine } = this.#settings;
    if (!machine) throw refused("The connection has no machine, which is what bans");
    const body = { machine_id: machine.username, password: machine.password, scenarios: [] };
    let answer: Answer;
    try {
      answer = await this.#send("/v1/watchers/login", { method: "POST", body, by: "nobody" });
    } catch (error) {
      // Nothing but a log-in was asked for.
      throw error instanceof Error && "verdict" in error ? error : unavailable(messageOf(error), error);
    }
    const { status } = answer;
    if (status === 401 || status === 403)
      throw refused("The local API refuses the machine: is its password right, and was it validated?");
    if (status < 200 || status >= 300) throw answerFailure(answer, true, this.#deps.clock.now());
    const { token, expire } = this.#read(login, answer, true);
    const until = Date.parse(expire ?? "");
    const now = this.#deps.clock.now();
    this.#session.token = { value: token, until: Number.isNaN(until) ? now + usualTokenMs : until };
    return token;
  }

  /** Something else than CrowdSec may answer: a proxy's page, half an answer. */
  #read<Schema extends z.ZodType>(schema: Schema, { text, status }: Answer, reads: boolean): z.infer<Schema> {
    let why: string;
    try {
      const parsed = schema.safeParse(text.trim() === "" ? null : JSON.parse(text));
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      why = `${issue?.path.join(".")}: ${issue?.message}`;
    } catch {
      why = /^\s*</.test(text) ? "it is a page of HTML" : "it is no JSON";
    }
    const said = `The answer (${status}) is not one of CrowdSec's local API: ${why}`;
    throw reads ? unavailable(said) : new Error(`${said}. Nobody knows whether it was done.`);
  }
}

export const lapi = defineConnection<Settings, Lapi>({
  title: "Local API of CrowdSec",
  description: "Bans, lifts and lists as a machine; reads decisions as a bouncer. Either can be left out.",
  settings,
  open: (given, deps) => new Lapi(given, deps),
  async test(given, deps) {
    return { status: "healthy", message: await new Lapi(given, deps).check() };
  },
});
