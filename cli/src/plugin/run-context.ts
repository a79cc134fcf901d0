import {
  commandOf,
  HostedPlugin,
  HttpTransport,
  httpDefaults,
  type IconComponent,
  type IconSpec,
  type IconTransport,
  type JsonMap,
  ProcessTransport,
} from "@vedette/core/plugins/icon";
import { createLogger } from "@vedette/core/telemetry";
import { UsageError } from "../exit.ts";

/** The options of `vedette plugin run`. */
export interface RunOptions {
  readonly input?: string;
  readonly connection?: string;
  readonly collectorConfig?: string;
  readonly dataDir?: string;
  readonly state?: string;
  readonly config?: string;
  readonly url?: string;
  readonly pages: number;
  readonly events: number;
  readonly timeout?: number;
  readonly test?: true;
  readonly info?: true;
  readonly sample?: true;
  readonly envelope?: true;
}

/** What a run works with. */
export interface RunContext {
  readonly spec: IconSpec;
  readonly component: IconComponent;
  readonly input: JsonMap;
  readonly connection: JsonMap;
  readonly options: RunOptions;
  readonly command: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** The plugin behind its program or its server. */
export function hostedPlugin({ spec, options, command }: RunContext): HostedPlugin {
  return new HostedPlugin(spec, transportOf(spec, options, command));
}

function transportOf(
  spec: IconSpec,
  { url }: RunOptions,
  command: readonly string[] | undefined,
): IconTransport {
  if (url === undefined)
    return new ProcessTransport(commandOf(spec, command), createLogger({ name: "plugin", level: "silent" }));
  if (!URL.canParse(url)) throw new UsageError(`"${url}" is no URL, such as http://127.0.0.1:10001.`);
  return new HttpTransport({ ...httpDefaults, url });
}

/** What a plugin logged, for people. */
export function tellLog(log: string): void {
  if (log.trim() !== "") process.stderr.write(`${log.trimEnd()}\n`);
}
