import type { ActionCapability, ActionRequest, ActionTarget, PluginContext, Standing } from "@vedette/sdk";
import { refused } from "../_action/outcome.ts";
import type { Backend, Ban } from "./backend.ts";
import { Cscli } from "./cscli.ts";
import { actionOf, type Decision, markOf, millisecondsOf, scenarioOf, targetOf } from "./decision.ts";
import { lapi } from "./lapi.ts";
import type { Settings } from "./settings.ts";

type Context = Pick<PluginContext<Settings>, "settings" | "connection" | "signal" | "clock">;

/** The way to CrowdSec that the settings name. */
export async function backendOf({ settings, connection, signal }: Context): Promise<Backend> {
  if (settings.transport === "cscli") return new Cscli(settings.cscliPath, signal);
  if (settings.connection === "") throw refused("The plugin crowdsec has no connection to a local API set");
  return (await connection(lapi, settings.connection)).with(signal);
}

const placeOf = ({ type, value }: ActionTarget): Pick<Ban, "scope" | "value"> => ({
  scope: type === "cidr" ? "Range" : "Ip",
  value,
});

/** Bans of a target that last on, and are no simulation. */
async function activeBans(backend: Backend, target: ActionTarget): Promise<Decision[]> {
  const found = await backend.active(placeOf(target));
  return found.filter((each) => isBan(each) && targetOf(each)?.value === target.value);
}

const isBan = ({ type, duration, simulated }: Decision): boolean =>
  type.toLowerCase() === "ban" && simulated !== true && (millisecondsOf(duration) ?? 1) > 0;

async function liftAll(backend: Backend, list: readonly Decision[]): Promise<string> {
  for (const { id } of list) await backend.lift(id);
  return list.length === 0
    ? "CrowdSec has no such decision any more."
    : `Lifted ${list.length === 1 ? "one decision" : `${list.length} decisions`}.`;
}

async function ban(request: ActionRequest, context: Context): Promise<void> {
  const { id, target, reason, expiresAt, attempt = 1 } = request;
  if (expiresAt === undefined) throw refused("A ban needs an end");
  const seconds = Math.ceil((expiresAt - context.clock.now()) / 1_000);
  if (seconds < 1) throw refused("The time of the ban is over already");
  const backend = await backendOf(context);
  // What nobody knew the outcome of may have been done: its mark tells.
  if (attempt > 1 && (await activeBans(backend, target)).some(({ scenario }) => actionOf(scenario) === id))
    return;
  await backend.ban({ ...placeOf(target), seconds, scenario: scenarioOf(reason, id) });
}

export const action: ActionCapability<Settings> = {
  actions: [
    {
      name: "security.ban",
      aliases: ["crowdsec_ban"],
      targets: ["ip", "cidr"],
      ...{ critical: true, containment: true, idempotent: true, deadlineSeconds: 60 },
    },
    {
      name: "security.unban",
      aliases: ["crowdsec_unban"],
      targets: ["ip", "cidr"],
      ...{ critical: false, idempotent: true, deadlineSeconds: 60 },
    },
  ],

  validate(_, { settings: { transport, connection } }) {
    if (transport === "lapi" && connection === "")
      throw refused("The plugin crowdsec has no connection to a local API set");
  },

  async execute(request, context) {
    if (request.action === "security.unban" || request.action === "crowdsec_unban") {
      const backend = await backendOf(context);
      return { message: await liftAll(backend, await activeBans(backend, request.target)) };
    }
    await ban(request, context);
    return { message: `CrowdSec bans ${request.target.value}.`, undo: { mark: markOf(request.id) } };
  },

  /** Lifts the decisions with the mark of the action; what CrowdSec found by itself stays. */
  async undo({ id, target }, context) {
    const backend = await backendOf(context);
    const ours = (await activeBans(backend, target)).filter(({ scenario }) => actionOf(scenario) === id);
    return { message: await liftAll(backend, ours) };
  },

  async *list(name, context): AsyncGenerator<Standing> {
    if (name !== "security.ban" && name !== "crowdsec_ban") return;
    for (const each of await (await backendOf(context)).active()) {
      const target = targetOf(each);
      if (!target || !isBan(each)) continue;
      const left = millisecondsOf(each.duration);
      const id = actionOf(each.scenario);
      yield {
        target,
        ...(id !== undefined && { id }),
        ...(left !== undefined && { expiresAt: context.clock.now() + left }),
        origin: each.origin,
      };
    }
  },
};
