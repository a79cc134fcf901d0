import { type Report, Report_Outcome } from "@vedette/proto";
import {
  type ActionCapability,
  type ActionResult,
  type AnyPlugin,
  definePlugin,
  isVedetteError,
  messageOf,
  type Standing,
  VedetteError,
} from "@vedette/sdk";
import { z } from "zod";
import { matchesType } from "../../plugin-host/index.ts";
import { type AgentHub, type Attending, unavailable, type Verb } from "./hub.ts";

/** What became of a verb at one agent. `unknown`: it may or may not have been done. */
interface Answer {
  readonly agentId: string;
  readonly fate: "done" | "refused" | "notDone" | "unknown";
  readonly message: string;
  readonly report?: Report;
}

const fates: ReadonlyMap<number, Answer["fate"]> = new Map([
  [Report_Outcome.DONE, "done"],
  [Report_Outcome.REFUSED, "refused"],
  [Report_Outcome.FAILED, "notDone"],
]);

const settings = z.strictObject({});
const mostListed = 100_000;
const askedAtOnce = 64;

/** Bans on the hosts of agents. Part of the collector, as it works over the agents' connections. */
export const agentBans = (hub: AgentHub): AnyPlugin =>
  definePlugin({
    id: "nftables",
    name: "nftables",
    version: "1.0.0",
    description: "Bans on the hosts of agents, by sets of nftables.",
    apiVersion: 1,
    settings,
    locales: {
      en: {
        description: "Bans addresses on the hosts of agents that allow it (agent.respond.nftables).",
        ban: "Ban on hosts",
        "ban.help":
          "Drops all packets from the address on the agents' hosts. The kernel lifts it in time by itself.",
        "ban.agents": "Agents: identifiers with commas between them, * as wildcard",
      },
      de: {
        description: "Sperrt Adressen auf den Hosts von Agenten, die das erlauben (agent.respond.nftables).",
        ban: "Auf Hosts sperren",
        "ban.help":
          "Verwirft alle Pakete der Adresse auf den Hosts der Agenten. Der Kernel hebt die Sperre rechtzeitig selbst auf.",
        "ban.agents": "Agenten: Kennungen mit Kommas dazwischen, * als Platzhalter",
      },
    },
    guarantees:
      "A ban stands once the agent reports it. It ends in time on the host even where neither the agent nor the collector runs, and stands again after a start of the host.",
    health: () => {
      const { length } = hub.list();
      if (length === 0) return { status: "healthy", message: "No agent allows bans." };
      const message =
        length === 1 ? "One agent can be asked for bans." : `${length} agents can be asked for bans.`;
      return { status: "healthy", message };
    },
    action: action(hub),
  });

const action = (hub: AgentHub): ActionCapability<z.infer<typeof settings>> => ({
  actions: [
    {
      name: "ban",
      targets: ["ip", "cidr"],
      critical: true,
      containment: true,
      idempotent: true,
      deadlineSeconds: 20,
      parameters: [
        { name: "agents", default: "*", maxLength: 2_000, pattern: /^[\w.:@*-]+(, *[\w.:@*-]+)*$/ },
      ],
    },
  ],

  async execute({ target, parameters, expiresAt }, { clock, signal }) {
    if (expiresAt === undefined) throw refused("A ban needs an end.");
    const ttl = Math.ceil((expiresAt - clock.now()) / 1_000);
    if (ttl < 1) throw refused("The time of the ban is over already.");
    const agents = matching(hub, parameters["agents"]);
    if (agents.length === 0)
      throw unavailable(`No agent that is connected matches "${parameters["agents"] ?? "*"}".`);
    const answers = await askAll(hub, agents, signal, ({ maxTtlSeconds }) => ({
      case: "ban",
      value: { target: target.value, ttlSeconds: Math.min(ttl, maxTtlSeconds) } as never,
    }));
    const done = answers.filter(({ fate }) => fate === "done").map(({ agentId }) => agentId);
    const others = answers.filter(({ fate }) => fate !== "done");
    const told = `Banned on ${hostsOf(done.length)}.${sayOf(others)}`;
    if (others.some(({ fate }) => fate === "unknown") || (done.length > 0 && others.some(isNotDone)))
      throw new Error(told);
    if (others.some(isNotDone)) throw unavailable(sayOf(others).trim());
    if (done.length === 0) throw refused(sayOf(others).trim());
    const shorter = agents.filter(
      ({ agentId, maxTtlSeconds }) => done.includes(agentId) && maxTtlSeconds < ttl,
    );
    const note =
      shorter.length === 0
        ? ""
        : ` Lifted earlier by ${shorter.map(({ agentId, maxTtlSeconds }) => `${agentId} (after ${maxTtlSeconds} s)`).join(", ")}.`;
    return { message: `${told}${note}`, undo: { agents: clipped(done), until: String(expiresAt) } };
  },

  async undo({ target, parameters, undo }, { clock, signal }): Promise<ActionResult> {
    const agents = matching(hub, parameters["agents"]);
    const value = { target: target.value } as never;
    const answers = await askAll(hub, agents, signal, () => ({ case: "unban", value }));
    const failed = answers.filter(({ fate }) => fate !== "done");
    if (failed.length > 0) throw unavailable(sayOf(failed).trim());
    const present = new Set(agents.map(({ agentId }) => agentId));
    const absent = (undo["agents"] ?? "").split(",").filter((each) => each !== "" && !present.has(each));
    const until = Number(undo["until"] ?? 0);
    // A host that is away lifts by itself; before that time nobody can say that it is lifted.
    if (absent.length > 0 && clock.now() < until)
      throw unavailable(
        `${absent.slice(0, 20).join(", ")} is not connected; its host lifts the ban in time.`,
      );
    return { message: `Lifted on ${hostsOf(answers.length)}.` };
  },

  async *list(_, { clock, signal }): AsyncGenerator<Standing> {
    let left = mostListed;
    for (const { agentId } of hub.list()) {
      const [answer] = await askAll(hub, [{ agentId }], signal, () => ({ case: "list", value: {} as never }));
      // A list that lacks an agent would show its bans as missing.
      if (answer?.fate !== "done") throw unavailable(answer?.message ?? "");
      for (const { target, secondsLeft } of answer.report?.active ?? []) {
        if (left-- <= 0) return;
        yield {
          target: { type: target.includes("/") ? "cidr" : "ip", value: target },
          ...(secondsLeft > 0 && { expiresAt: clock.now() + secondsLeft * 1_000 }),
          origin: agentId,
        };
      }
    }
  },
});

/** The agents whose identifiers match one of the patterns. */
function matching(hub: AgentHub, patterns = "*"): Attending[] {
  const wanted = patterns.split(",").map((pattern) => pattern.trim());
  return hub.list().filter(({ agentId }) => matchesType(wanted, agentId));
}

async function askAll<Agent extends { readonly agentId: string }>(
  hub: AgentHub,
  agents: readonly Agent[],
  signal: AbortSignal,
  verbOf: (agent: Agent) => Verb,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let at = 0; at < agents.length; at += askedAtOnce) {
    const some = agents.slice(at, at + askedAtOnce);
    answers.push(
      ...(await Promise.all(some.map((agent) => askOne(hub, agent.agentId, verbOf(agent), signal)))),
    );
  }
  return answers;
}

async function askOne(hub: AgentHub, agentId: string, verb: Verb, signal: AbortSignal): Promise<Answer> {
  try {
    const report = await hub.ask(agentId, verb, signal);
    const message = report.message.slice(0, 300);
    return { agentId, fate: fates.get(report.outcome) ?? "unknown", message, report };
  } catch (error) {
    const fate = isVedetteError(error) && error.code === "action.unavailable" ? "notDone" : "unknown";
    return { agentId, fate, message: messageOf(error) };
  }
}

const isNotDone = ({ fate }: Answer): boolean => fate === "notDone";
const hostsOf = (count: number): string => (count === 1 ? "1 host" : `${count} hosts`);

/** What agents said that did not do it, the first few. */
const sayOf = (answers: readonly Answer[]): string =>
  answers
    .slice(0, 10)
    .map(({ agentId, message }) => ` ${agentId}: ${message}`)
    .join("") + (answers.length > 10 ? ` And ${answers.length - 10} more.` : "");

const clipped = (agents: readonly string[]): string => agents.join(",").slice(0, 4_000);

const refused = (message: string): VedetteError =>
  new VedetteError("action.refused", message, { verdict: "drop" });
