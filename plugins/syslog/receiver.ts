import { CountedSource, type InputDeps, type InputSink, textOf } from "@vedette/sdk";
import type { Message } from "./framing.ts";
import { dataSourceOf, type Sender } from "./sender.ts";
import type { SyslogSettings } from "./settings.ts";

/** Takes one message of a sender. A returned promise asks to wait before the next. */
export type Receive = (message: Message, sender: Sender) => void | Promise<void>;

/**
 * Makes logs of messages and pushes them: the one source of all listeners of an input. Never throws into a socket's
 * event: what the sink throws goes to `fail`.
 */
export function receiver(
  settings: SyslogSettings,
  deps: InputDeps,
  sink: InputSink,
  fail: (error: unknown) => void,
): Receive {
  const source = new CountedSource(deps, "messages", deps.dataType);
  const dataSource = dataSourceOf(settings, deps);
  return ({ bytes, cut }, sender) => {
    const { raw, flaw, kind } = textOf(bytes, settings.maxMessageBytes, cut);
    if (kind !== undefined) deps.flawed(kind);
    try {
      return sink.push(source.log(raw, dataSource(raw, sender), sender.facts, flaw))?.catch(fail);
    } catch (error) {
      deps.dropped("not_taken", 1);
      fail(error);
    }
  };
}
