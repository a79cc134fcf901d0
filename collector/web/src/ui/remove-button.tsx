import { useState } from "preact/hooks";
import { send } from "../api/client.ts";
import type { ApiProblem } from "../api/problem.ts";
import { go } from "../state/address.ts";
import { refresh } from "../state/refresh.ts";
import { unsaved } from "../state/unsaved.ts";
import { Confirm } from "./dialog.tsx";

interface RemoveProps {
  /** What is removed, in the API. */
  readonly path: string;
  readonly label: string;
  readonly title: string;
  readonly text: string;
  /** What the button says that leaves all as it is. */
  readonly stay: string;
  readonly onProblem: (problem: ApiProblem) => void;
}

/** Removes what is chosen, after asking, and closes it. */
export function RemoveButton({ path, label, title, text, stay, onProblem }: RemoveProps) {
  const [asking, setAsking] = useState(false);
  const remove = async (): Promise<void> => {
    setAsking(false);
    try {
      await send(path, { method: "DELETE" });
      unsaved.value = false;
      refresh();
      go({ id: undefined }, { replace: true });
    } catch (problem) {
      onProblem(problem as ApiProblem);
    }
  };
  return (
    <>
      <button type="button" class="button button-harm" onClick={() => setAsking(true)}>
        {label}
      </button>
      {asking ? (
        <Confirm
          {...{ title, text, stay, act: label }}
          onStay={() => setAsking(false)}
          onAct={() => void remove()}
        />
      ) : null}
    </>
  );
}
