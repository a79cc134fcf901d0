import type { Clock, Logger } from "@vedette/sdk";
import { plainValue, VedetteError } from "@vedette/sdk";
import type { ChannelAnswers } from "../../config/index.ts";
import { type ControlDatabase, type SecretStore, writeAudit } from "../../control/index.ts";
import type { JobStore } from "../jobs/index.ts";
import { openSigned, type SignedHeaders } from "./signed.ts";
import { endTokens, findToken, type Token } from "./tokens.ts";

interface AnswersDeps {
  readonly database: ControlDatabase;
  readonly jobs: JobStore;
  readonly secrets: SecretStore;
  readonly channels: Readonly<Record<string, ChannelAnswers>>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A question as whoever has its link sees it. Times in milliseconds since 1970. */
export interface OpenQuestion {
  readonly question: string;
  readonly options: readonly string[];
  readonly person: string;
  readonly expiresAt: number;
}

/** Takes answers to questions of workflows from where they were asked: by one-time links, and signed by a channel. */
export class QuestionAnswers {
  readonly #deps: AnswersDeps;

  constructor(deps: AnswersDeps) {
    this.#deps = deps;
  }

  /** The question of a link; undefined where the link is of no question that is still open. */
  async question(secret: string): Promise<OpenQuestion | undefined> {
    const found = await this.#linked(secret);
    if (!found) return undefined;
    const { token, person } = found;
    const asked = (await this.#deps.jobs.questions(token.job)).find(({ step }) => step === token.step);
    if (!asked || asked.answer !== null) return undefined;
    const options = JSON.parse(asked.options) as string[];
    return { question: asked.question, options, person, expiresAt: token.expiresAt };
  }

  /** Answers by a link; false where it is of no open question. Throws `job.refused` for an answer that is none. */
  async byLink(secret: string, answer: string): Promise<boolean> {
    const found = await this.#linked(secret);
    if (!found) return false;
    await this.#answer(found.token, answer, `${found.person} (${found.token.channel}, link)`);
    return true;
  }

  /**
   * Answers by a body that a channel signed. Gives who answered; undefined where the channel takes no answers, or nobody it
   * trusts signed this. Throws `job.refused` where it is no answer, or of somebody who may not give one.
   */
  async bySigned(channel: string, body: string, headers: SignedHeaders): Promise<string | undefined> {
    const { channels, secrets, clock, database } = this.#deps;
    const settings = Object.hasOwn(channels, channel) ? channels[channel] : undefined;
    const key = settings?.secret === undefined ? undefined : await secrets.get(settings.secret);
    if (!settings || key === undefined) return undefined;
    const now = clock.now();
    let brought: ReturnType<typeof openSigned>;
    try {
      brought = openSigned(body, headers, key, now);
    } catch (cause) {
      throw refused("The answer cannot be understood.", cause);
    }
    if (!brought) return undefined;
    const { person, name } = brought;
    if (settings.people.length > 0 && !settings.people.includes(person))
      throw refused(`${JSON.stringify(person.slice(0, 100))} may not answer from ${channel}.`);
    const token = await findToken(database, brought.token, now);
    // A token of another channel would be an answer that nobody asked for there.
    if (!token || token.channel !== channel) throw refused("The question was answered, or its time is over.");
    const answer = token.answer ?? brought.answer;
    if (answer === undefined) throw refused("Say which answer.");
    const by = `${plainValue(name, 100)} (${channel}, ${plainValue(person, 100)})`;
    await this.#answer(token, answer, by);
    return by;
  }

  async #linked(secret: string): Promise<{ readonly token: Token; readonly person: string } | undefined> {
    const { channels, clock, database } = this.#deps;
    const token = await findToken(database, secret, clock.now());
    // Buttons are not links: without their channel's signature they say nothing of who pressed them.
    if (!token || token.answer !== undefined) return undefined;
    const person = Object.hasOwn(channels, token.channel) ? channels[token.channel]!.person : undefined;
    return person === undefined ? undefined : { token, person };
  }

  async #answer(token: Token, answer: string, by: string): Promise<void> {
    const { database, jobs, clock, log } = this.#deps;
    const { job, step, channel } = token;
    await jobs.answer(job, step, answer, by);
    const now = clock.now();
    await writeAudit(
      database,
      { author: by, action: "jobs.answer", subject: job, detail: { step, answer, channel } },
      now,
    );
    await endTokens(database, token, now);
    log.info({ job, step, answer, by }, "A question of a job was answered.");
  }
}

const refused = (why: string, cause?: unknown): VedetteError =>
  new VedetteError("job.refused", why, { verdict: "drop" }, { cause });
