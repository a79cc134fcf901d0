import type { ComponentChildren } from "preact";
import type { Answer } from "../lib/use-query.ts";
import { useAction } from "../shell/shortcuts.ts";
import { go, selected } from "../state/address.ts";
import { Answered } from "./answered.tsx";
import { BackToList } from "./back-to-list.tsx";
import { isRefused } from "./form/refusal.tsx";
import type { IconName } from "./icon.tsx";
import { Empty } from "./state-box.tsx";

interface ListDetailProps<Item> {
  /** The heading, for those who hear the page. */
  readonly title: string;
  readonly icon: IconName;
  /** The line above the list: tabs, and what makes a new item. */
  readonly tools: ComponentChildren;
  /** Choices that narrow the list. */
  readonly choices?: ComponentChildren;
  /** The list is shown when `data` is there, whatever it is. */
  readonly answer: Answer<unknown>;
  /** Stands above the rows. */
  readonly notice?: ComponentChildren;
  readonly items: readonly Item[];
  readonly idOf: (item: Item) => string;
  readonly row: (item: Item, open: boolean) => ComponentChildren;
  /** In place of rows where there are none: that, and what to do about it. */
  readonly none: string;
  readonly noneHint?: ComponentChildren;
  /** In place of details where nothing is chosen. */
  readonly choose: string;
  /** A `DetailPane` of the chosen one, or of a new one where the id is `fresh`. */
  readonly detail: (id: string) => ComponentChildren;
}

/** A list, and beside it the item whose id stands in the address; keys move through the list. */
export function ListDetail<Item>(props: ListDetailProps<Item>) {
  const { title, icon, tools, choices, answer, notice, items, idOf, row, none, noneHint, choose, detail } =
    props;
  const id = selected.value;
  useAction((action) => answerListKey(action, items.map(idOf)));
  return (
    <div class={id === "" ? "split" : "split split-open"}>
      <h1 class="visually-hidden">{title}</h1>
      <section class="panel panel-list" aria-busy={answer.loading}>
        <div class="choices choices-spread">{tools}</div>
        {choices === undefined ? null : <div class="choices">{choices}</div>}
        <Answered answer={isRefused(answer.problem) ? { ...answer, data: undefined } : answer}>
          {() => (
            <>
              {notice}
              {items.length === 0 ? (
                <Empty icon={icon} title={none}>
                  {noneHint}
                </Empty>
              ) : (
                <ul class="list-rows">{items.map((item) => row(item, idOf(item) === id))}</ul>
              )}
            </>
          )}
        </Answered>
      </section>
      {id === "" ? (
        <section class="panel panel-detail panel-none">
          <Empty icon={icon} title={choose} />
        </section>
      ) : (
        detail(id)
      )}
    </div>
  );
}

interface ListRowProps {
  readonly id: string;
  readonly open: boolean;
  /** The colour of its edge: `bad` wants to be mended, `hot` wants to be looked at. */
  readonly edge: "plain" | "bad" | "hot";
  readonly children: ComponentChildren;
}

/** A row of a list; a press opens it, another closes it. */
export const ListRow = ({ id, open, edge, children }: ListRowProps) => (
  <li>
    <button
      type="button"
      class={`list-row edge-${edge}`}
      aria-current={open ? "true" : undefined}
      onClick={() => go({ id: open ? undefined : id }, { replace: true })}
    >
      {children}
    </button>
  </li>
);

/** The id of an item that is being made; no id of another begins like that. */
export const fresh = "+";

/** Opens the form of a new item where details stand. */
export const NewButton = ({ label }: { label: string }) => (
  <button type="button" class="button button-small" onClick={() => go({ id: fresh }, { replace: true })}>
    {label}
  </button>
);

interface DetailPaneProps {
  readonly label?: string | undefined;
  readonly busy?: boolean;
  readonly children: ComponentChildren;
}

/** The details of the chosen one, with a way back to the list. */
export const DetailPane = ({ label, busy, children }: DetailPaneProps) => (
  <section class="panel panel-detail" aria-busy={busy} aria-label={label}>
    <BackToList />
    {children}
  </section>
);

interface AnsweredPaneProps<T> {
  readonly answer: Pick<Answer<T>, "data" | "problem">;
  readonly label?: string | undefined;
  readonly children: (data: T) => ComponentChildren;
}

/** Details that the API is asked for. */
export const AnsweredPane = <T,>({ answer, label, children }: AnsweredPaneProps<T>) => (
  <DetailPane label={label} busy={answer.data === undefined}>
    <Answered answer={answer}>{children}</Answered>
  </DetailPane>
);

/** Moves through a list by keys, and closes what is open. */
function answerListKey(action: string, ids: readonly string[]): boolean {
  const index = ids.indexOf(selected.value);
  const step = action === "next" ? 1 : action === "previous" ? -1 : 0;
  if (action === "close" && selected.value !== "") {
    go({ id: undefined }, { replace: true });
    return true;
  }
  if (step === 0 && !(action === "open" && index < 0)) return false;
  const id = ids[Math.min(ids.length - 1, Math.max(0, index + (step || 1)))];
  if (id !== undefined) go({ id }, { replace: true });
  return true;
}
