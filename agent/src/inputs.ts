import { hostname } from "node:os";
import type { SocketHost } from "@vedette/core/socket-plugins";
import { messageOf, VedetteError } from "@vedette/sdk";
import {
  type FileInputConfig,
  type InputConfig,
  identityOf,
  isFileInput,
  pluginSettings,
} from "./config/index.ts";
import {
  FileInput,
  type FileRegistry,
  type InputPlan,
  InputSet,
  inputDeps,
  type PluginInputContext,
  PluginLogs,
} from "./input/index.ts";
import type { PluginSet } from "./plugin-set.ts";

export interface InputsContext extends PluginInputContext {
  readonly registry: FileRegistry;
  readonly signal: AbortSignal;
  readonly settled: () => Promise<void>;
  /** Plugins over sockets, whose logs are an input of their own. */
  readonly plugins: SocketHost | undefined;
  /** Plugins in this process. */
  readonly pluginSet: PluginSet;
}

/** Bytes of a read: what is done once a read is done half as often as with half of it. More is not loaded by `SliceKernel`. */
const chunkBytes = 1 << 20;

/** The inputs a configuration names, each under its own supervision and none of them open yet. */
export function inputsOf(configs: readonly InputConfig[], context: InputsContext): InputSet {
  const { log, signal, settled, metrics } = context;
  const failed = (reason: string): void => metrics.inputErrors.add(1, { reason });
  return new InputSet(plansOf(configs, context), { log, signal, settled, failed });
}

/** How each input of a configuration is opened. */
export const plansOf = (configs: readonly InputConfig[], context: InputsContext): InputPlan[] => [
  ...configs.map((config) => planOf(config, context)),
  ...(context.plugins ? [pluginLogsPlan(context.plugins, context)] : []),
];

function pluginLogsPlan(host: SocketHost, context: InputsContext): InputPlan {
  const id = "socket-plugins";
  const open = async (signal: AbortSignal) =>
    new PluginLogs(host, inputDeps(context, id, { dataType: "generic" }, signal));
  return { id, type: id, config: id, open };
}

function planOf(input: InputConfig, context: InputsContext): InputPlan {
  const config = JSON.stringify(input);
  return { config, ...openingOf(input, context) };
}

function openingOf(config: InputConfig, context: InputsContext): Omit<InputPlan, "config"> {
  const id = identityOf(config, context.pluginSet);
  const { type } = config;
  if (isFileInput(config)) {
    const settings = fileSettings(config, context.baseDir);
    return { id, type, open: async (signal) => new FileInput(settings, { ...context, signal }) };
  }
  return { id, type, open: (signal) => openPluginInput(config, id, context, signal) };
}

async function openPluginInput(config: InputConfig, id: string, context: InputsContext, signal: AbortSignal) {
  const plugin = context.pluginSet.input(config.type);
  try {
    if (!plugin) throw new TypeError(`No plugin brings the input "${config.type}"`);
    return await plugin.input.open(pluginSettings(config), inputDeps(context, id, config, signal));
  } catch (cause) {
    throw new VedetteError("input.unreadable", messageOf(cause), { verdict: "retry" }, { cause });
  }
}

function fileSettings(input: FileInputConfig, baseDir: string) {
  return {
    ...input,
    baseDir,
    chunkBytes,
    dataSource: input.dataSource ?? hostname(),
    pollMs: input.pollSeconds * 1_000,
    idlePollMs: Math.max(input.pollSeconds, input.idlePollSeconds) * 1_000,
    closeAfterMs: input.closeAfterSeconds * 1_000,
    multiline: input.multiline && { ...input.multiline, timeoutMs: input.multiline.timeoutSeconds * 1_000 },
  };
}
