import { create } from "@bufbuild/protobuf";
import type { Counter, Telemetry } from "@vedette/core/telemetry";
import {
  ActiveSchema,
  type Ban,
  type Command,
  type Report,
  Report_Outcome,
  ReportSchema,
  type Unban,
} from "@vedette/proto";
import { type Clock, type Logger, messageOf, parsePrefix, prefixText } from "@vedette/sdk";
import type { NftablesConfig } from "../config/index.ts";
import type { BanJournal } from "./journal.ts";
import type { HostGuard } from "./never.ts";
import { NftFailure, type NftTable } from "./nft.ts";

type Said = Pick<Report, "outcome" | "message" | "changed" | "active">;

const { DONE, REFUSED, FAILED, UNCERTAIN } = Report_Outcome;

const words: ReadonlyMap<number, string> = new Map(
  Object.entries(Report_Outcome).map(([word, value]) => [value, word.toLowerCase()]),
);

/** Commands that wait for the one before them; more are refused for now. */
const mostWaiting = 256;

interface ExecutorDeps {
  readonly table: NftTable;
  readonly guard: HostGuard;
  readonly journal: BanJournal;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Telemetry;
}

/** Does what commands ask, one after the other, whichever collector they come from. What they may not ask is refused here. */
export class Executor {
  readonly #config: NftablesConfig;
  readonly #deps: ExecutorDeps;
  readonly #commands: Counter;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #ready = false;
  /** New bans of the running minute. */
  #minute = { from: 0, bans: 0 };

  constructor(config: NftablesConfig, deps: ExecutorDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#commands = deps.telemetry.counter(
      "vedette_agent_respond_commands_total",
      "Commands of collectors, by verb and what became of them.",
      ["verb", "outcome"],
    );
  }

  /** Bans again what the kernel has forgotten since, with the time that is left. Rejects where nft does not work. */
  async restore(): Promise<void> {
    const { table, guard, journal, log } = this.#deps;
    const left = journal.left();
    if (left.length === 0) return;
    await this.#setUp();
    const standing = new Set((await table.list()).map(({ range }) => prefixText(range)));
    let again = 0;
    for (const { target, seconds } of left) {
      const range = parsePrefix(target);
      if (!range || standing.has(target) || (await guard.refusal(target)) !== undefined) continue;
      // A clock that was set back must not make a ban longer than any may be.
      await table.ban(range, Math.min(seconds, this.#config.maxTtlSeconds));
      again++;
    }
    if (again > 0) log.info({ bans: again }, "Bans that the kernel had forgotten stand again.");
  }

  /** Never rejects. */
  async run({ number, verb }: Command): Promise<Report> {
    const said = await this.#turn(verb);
    const outcome = words.get(said.outcome) ?? "unknown";
    this.#commands.add(1, { verb: verb.case ?? "unknown", outcome });
    if (verb.case === "ban" || verb.case === "unban") {
      const fields = { verb: verb.case, target: verb.value.target, outcome, reason: said.message };
      this.#deps.log.info(fields, "A collector asked for a change of the bans.");
    }
    return create(ReportSchema, { number, ...said });
  }

  async #turn(verb: Command["verb"]): Promise<Said> {
    if (this.#waiting >= mostWaiting) return failed("Too many commands wait.");
    this.#waiting++;
    const turn = this.#last.then(() => this.#do(verb));
    this.#last = turn;
    return turn.finally(() => this.#waiting--);
  }

  async #do(verb: Command["verb"]): Promise<Said> {
    try {
      if (verb.case === "ban") return await this.#ban(verb.value);
      if (verb.case === "unban") return await this.#unban(verb.value);
      if (verb.case === "list") return await this.#list();
      return refused("This agent does not know that verb.");
    } catch (error) {
      if (!(error instanceof NftFailure)) return uncertain(messageOf(error));
      if (error.kind === "unknown") return uncertain(error.message);
      return error.kind === "permanent" ? refused(error.message) : failed(error.message);
    }
  }

  async #ban({ target, ttlSeconds }: Ban): Promise<Said> {
    const range = parsePrefix(target);
    if (!range || prefixText(range) !== target)
      return refused(`"${target.slice(0, 100)}" is no address or range in its one form.`);
    if (ttlSeconds < 1 || ttlSeconds > this.#config.maxTtlSeconds)
      return refused(`A ban lasts 1 to ${this.#config.maxTtlSeconds} seconds here.`);
    const why = await this.#deps.guard.refusal(target);
    if (why !== undefined) return refused(why);
    await this.#setUp();
    const standing = await this.#deps.table.list();
    const known = standing.find((each) => prefixText(each.range) === target);
    if (!known) {
      if (standing.length >= this.#config.maxElements)
        return failed(`There are ${this.#config.maxElements} bans already, as many as this agent takes.`);
      if (!this.#takeBan()) return failed(`This agent takes ${this.#config.maxPerMinute} new bans a minute.`);
    }
    await this.#deps.table.ban(range, ttlSeconds);
    await this.#deps.journal.note(target, ttlSeconds);
    return done(true);
  }

  async #unban({ target }: Unban): Promise<Said> {
    const range = parsePrefix(target);
    if (!range || prefixText(range) !== target)
      return refused(`"${target.slice(0, 100)}" is no address or range in its one form.`);
    // Before the kernel: after a crash in between, whoever asked asks again.
    await this.#deps.journal.forget(target);
    return done(await this.#deps.table.unban(range));
  }

  async #list(): Promise<Said> {
    const standing = await this.#deps.table.list();
    const active = standing.map(({ range, secondsLeft = 0 }) =>
      create(ActiveSchema, { target: prefixText(range), secondsLeft }),
    );
    return { ...done(false), active };
  }

  /** Chains of an older agent, or of another configuration, are made anew once. */
  async #setUp(): Promise<void> {
    if (this.#ready) return;
    await this.#deps.table.setUp();
    this.#ready = true;
  }

  #takeBan(): boolean {
    const now = this.#deps.clock.now();
    if (now < this.#minute.from || now - this.#minute.from >= 60_000) this.#minute = { from: now, bans: 0 };
    if (this.#minute.bans >= this.#config.maxPerMinute) return false;
    this.#minute.bans++;
    return true;
  }
}

const said =
  (outcome: Report["outcome"]) =>
  (message: string): Said => ({ outcome, message, changed: false, active: [] });
const refused = said(REFUSED);
const failed = said(FAILED);
const uncertain = said(UNCERTAIN);
const done = (changed: boolean): Said => ({ ...said(DONE)(""), changed });
