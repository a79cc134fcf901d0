import { useEffect, useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import type { ApiProblem, FieldProblem } from "../../api/problem.ts";
import { apiKey } from "../../state/session.ts";
import type { Changes } from "../../ui/form/field.ts";

interface Check {
  readonly problems: readonly FieldProblem[];
  readonly failure: ApiProblem | undefined;
}

const none: Check = { problems: [], failure: undefined };

/** Milliseconds without a key before what was typed is checked. */
const pause = 300;

/** What the collector says to changes that are not stored, as they are typed. */
export function useCheck(plugin: string, changes: Changes): Check {
  const [check, setCheck] = useState(none);
  const key = apiKey.value;
  useEffect(() => {
    if (Object.keys(changes).length === 0) return setCheck(none);
    const control = new AbortController();
    const timer = setTimeout(() => {
      const path = `/plugins/${encodeURIComponent(plugin)}/settings/check`;
      send<{ problems: FieldProblem[] }>(
        path,
        { method: "POST", body: sendable(changes) },
        control.signal,
      ).then(
        ({ problems }) => setCheck({ problems, failure: undefined }),
        (failure: ApiProblem) => {
          if (!control.signal.aborted) setCheck({ problems: [], failure });
        },
      );
    }, pause);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [plugin, changes, key]);
  return check;
}

/** What is no number yet is sent as the text it is: the collector then says so too. */
export const sendable = (changes: Changes): Record<string, unknown> =>
  Object.fromEntries(Object.entries(changes).map(([key, value]) => [key, value ?? null]));
