import type { ActionDefinition, AnyPlugin, PluginContext } from "@vedette/sdk";
import type { ActingPlugin } from "../../../collector/src/respond/actions/index.ts";

const ban: ActionDefinition = {
  ...{ name: "again", targets: ["ip"], critical: true, containment: true, idempotent: true },
};

/** A firewall over HTTP: `again` may be asked twice under one id, `once` may not, and it cannot say what stands. */
export function wall(url: string): ActingPlugin {
  const call = async (what: string, action: string, id: string, target: string) => {
    const answer = await fetch(`${url}/${what}/${action}/${id}/${target}`, { method: "POST" });
    if (!answer.ok) throw new Error(`It answered ${answer.status}.`);
    return { message: `${what} ${target}` };
  };
  const plugin = {
    ...{ id: "wall", locales: { en: {}, de: {} } },
    action: {
      actions: [ban, { ...ban, name: "once", idempotent: false }],
      execute: ({ id, action, target }: { id: string; action: string; target: { value: string } }) =>
        call("ban", action, id, target.value),
      undo: ({ id, action, target }: { id: string; action: string; target: { value: string } }) =>
        call("unban", action, id, target.value),
    },
  };
  return {
    ...{ plugin: plugin as unknown as AnyPlugin, enabled: true },
    act: async (_, work) => work({} as PluginContext<unknown>),
  };
}
