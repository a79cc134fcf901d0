import { createHmac } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChannelAnswers } from "../../config/index.ts";
import {
  type ControlDatabase,
  openControlDatabase,
  openSecretBox,
  readAudit,
  secretStore,
} from "../../control/index.ts";
import { JobStore } from "../jobs/index.ts";
import { type Delivery, deliveries } from "../notify/outbox.ts";
import { tellOfQuestions } from "../notify/questions.ts";
import { QuestionAnswers } from "./answers.ts";

const key = "the signing secret of the app";
const channels: Readonly<Record<string, ChannelAnswers>> = {
  anna: { person: "Anna", people: [] },
  soc: { secret: "slack", people: ["U1"] },
  bot: { secret: "slack", people: [] },
};
const hourMs = 3_600_000;

let database: ControlDatabase;
let clock: ReturnType<typeof manualClock>;
let jobs: JobStore;
let answers: QuestionAnswers;
let told: readonly Delivery[];

beforeEach(async () => {
  const dir = mkdtempSync(join(tmpdir(), "answers-"));
  const target = { kind: "sqlite", dir } as const;
  database = await openControlDatabase(target);
  clock = manualClock();
  jobs = new JobStore(database, clock);
  const secrets = secretStore(database, openSecretBox(target, {}), clock);
  await secrets.set("slack", key);
  answers = new QuestionAnswers({ database, jobs, secrets, channels, clock, log: recordingLogger() });
  await ask("j1");
  told = await deliveries(database, 10, {});
});
afterEach(() => database.destroy());

async function ask(job: string): Promise<void> {
  const now = clock.now();
  const [options, expiresAt] = [["approve", "deny"], now + hourMs];
  const row = { id: job, workflow: "w", docs: "{}", started_by: "", trigger_key: null, input: "{}", dry: 0 };
  const rest = { error: null, owner: null, epoch: 0, lease_until: null, wake_at: null, cancelled_by: null };
  await database
    .insertInto("jobs")
    .values({
      ...{
        ...row,
        ...rest,
        status: "waiting",
        rerun_of: null,
        created_at: now,
        started_at: now,
        ended_at: null,
      },
      ...{ deadline_at: now + 2 * hourMs, time_saved: 0 },
    })
    .execute();
  const tell = tellOfQuestions({
    channels: [],
    maxWaiting: 10,
    pageUrl: "https://v.example",
    answers: channels,
  });
  await database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto("job_questions")
      .values({
        ...{
          job_id: job,
          step: "Sure",
          question: "Block it?",
          options: JSON.stringify(options),
          asked_at: now,
        },
        ...{ expires_at: expiresAt, answer: null, answered_by: null, answered_at: null },
      })
      .execute();
    const asked = { job, step: "Sure", workflow: "W", question: "Block it?", options, expiresAt };
    await tell(transaction, { ...asked, channels: ["anna", "soc", "bot", "else"] }, now);
  });
}

const noticeFor = (channel: string) => told.find((each) => each.channel === channel)!.notice;
const linkToken = (): string => noticeFor("anna").link!.split("#")[1]!;
const button = (channel: string, answer: string): string =>
  noticeFor(channel).choices!.find((each) => each.answer === answer)!.token;
const answered = async (job = "j1") => {
  const [asked] = await jobs.questions(job);
  return [asked!.answer, asked!.answered_by];
};

/** What Slack sends when a button is pressed. */
function pressed(token: string, { user = "U1", at = clock.now(), by = key } = {}) {
  const payload = {
    type: "block_actions",
    user: { id: user, username: "anna" },
    actions: [{ value: token }],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const slackTimestamp = String(Math.floor(at / 1_000));
  const slackSignature = `v0=${createHmac("sha256", by).update(`v0:${slackTimestamp}:${body}`).digest("hex")}`;
  return [body, { slackTimestamp, slackSignature }] as const;
}

describe("questions of workflows", () => {
  it("are answered once by the link of a channel that one person reads, in that person's name", async () => {
    expect(noticeFor("anna").link).toMatch(/^https:\/\/v\.example\/answer#[\w-]{24}$/);
    expect(noticeFor("anna").choices).toBeUndefined();
    expect(noticeFor("else")).toMatchObject({ link: "https://v.example/jobs?id=j1" });
    expect(await answers.question(linkToken())).toMatchObject({ question: "Block it?", person: "Anna" });
    await expect(answers.byLink(linkToken(), "perhaps")).rejects.toThrow("The answers are approve, deny.");
    expect(await answers.byLink(linkToken(), "approve")).toBe(true);
    expect(await answered()).toEqual(["approve", "Anna (anna, link)"]);
    expect(await answers.byLink(linkToken(), "deny")).toBe(false);
    expect(await answers.question(linkToken())).toBeUndefined();
    expect((await readAudit(database, { limit: 1 }))[0]).toMatchObject({
      ...{ author: "Anna (anna, link)", action: "jobs.answer", subject: "j1" },
      detail: { step: "Sure", answer: "approve", channel: "anna" },
    });
    await expect(answers.bySigned("soc", ...pressed(button("soc", "deny")))).rejects.toThrow("was answered");
  });

  it("are answered by a button, by whom the channel's signature names", async () => {
    expect(await answers.bySigned("soc", ...pressed(button("soc", "deny")))).toBe("anna (soc, U1)");
    expect(await answered()).toEqual(["deny", "anna (soc, U1)"]);
  });

  it("are answered by a program of one's own that signs", async () => {
    const body = JSON.stringify({ token: button("bot", "approve"), by: "berta@example.org" });
    const timestamp = String(Math.floor(clock.now() / 1_000));
    const signature = `v1=${createHmac("sha256", key).update(`${timestamp}.${body}`).digest("hex")}`;
    expect(await answers.bySigned("bot", body, { timestamp, signature })).toContain("berta@example.org");
    expect((await answered())[0]).toBe("approve");
  });

  it("take no answer that nobody signed, from others, of another time or channel, or after the end", async () => {
    const deny = button("soc", "deny");
    const [body, headers] = pressed(deny);
    expect(await answers.bySigned("soc", body, {})).toBeUndefined();
    expect(await answers.bySigned("soc", `${body} `, headers)).toBeUndefined();
    expect(await answers.bySigned("soc", ...pressed(deny, { by: "guess" }))).toBeUndefined();
    expect(await answers.bySigned("soc", ...pressed(deny, { at: clock.now() - 301_000 }))).toBeUndefined();
    expect(await answers.bySigned("anna", body, headers)).toBeUndefined();
    expect(await answers.bySigned("constructor", body, headers)).toBeUndefined();
    await expect(answers.bySigned("soc", ...pressed(deny, { user: "U2" }))).rejects.toThrow("may not answer");
    await expect(answers.bySigned("soc", ...pressed(button("bot", "deny")))).rejects.toThrow("was answered");
    await expect(answers.bySigned("soc", ...pressed(linkToken()))).rejects.toThrow("was answered");
    // A button is no link: without its channel's signature it says nothing of who pressed it.
    expect(await answers.byLink(deny, "deny")).toBe(false);
    expect(await answers.byLink("x".repeat(24), "deny")).toBe(false);
    clock.advance(hourMs);
    expect(await answers.byLink(linkToken(), "approve")).toBe(false);
    await expect(answers.bySigned("soc", ...pressed(deny))).rejects.toThrow("its time is over");
    expect(await answered()).toEqual([null, null]);
  });

  it("keep no token, and end those of a question with its answer", async () => {
    await ask("j2");
    const rows = () => database.selectFrom("question_tokens").selectAll().execute();
    expect(await rows()).toHaveLength(10);
    expect(JSON.stringify(await rows())).not.toContain(linkToken());
    await answers.byLink(linkToken(), "approve");
    expect(new Set((await rows()).map(({ job_id }) => job_id))).toEqual(new Set(["j2"]));
  });
});
