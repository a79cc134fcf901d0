import { type Condition, conditions, type PluginList } from "../../api/plugin-types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { ConditionBadge } from "../../ui/condition.tsx";
import { ListRow } from "../../ui/list-detail.tsx";
import { programId } from "./program.tsx";

/** What the list says of a plugin, whatever runs it. */
interface Row {
  readonly id: string;
  readonly name: string;
  readonly aside: string;
  readonly condition: Condition;
  readonly text: string;
  readonly tags: readonly string[];
}

/** All plugins, those with trouble first. */
export function rowsOf({ items, programs }: PluginList): readonly Row[] {
  const own = items.map(({ id, name, version, condition, message, description, capabilities }) => ({
    ...{ id, name, condition, aside: version },
    text: condition === "error" || condition === "warning" ? message : description,
    tags: capabilities.map((each) => tValue("capability", each)),
  }));
  const foreign = programs.map((program) => ({
    ...{ id: programId(program), name: program.id, condition: program.state },
    ...{ aside: t("program.short"), text: program.message, tags: [tValue("programKind", program.kind)] },
  }));
  const rank = ({ condition }: Row): number => conditions.indexOf(condition);
  return [...own, ...foreign].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/** A plugin in the list; a press opens it, another closes it. */
export const PluginRow = ({ row, open }: { row: Row; open: boolean }) => (
  <ListRow id={row.id} open={open} edge={row.condition === "error" ? "bad" : "plain"}>
    <span class="list-first">
      <b>{row.name}</b>
      <span class="muted">{row.aside}</span>
    </span>
    <span class="list-second">
      <ConditionBadge value={row.condition} />
      <span class={row.condition === "error" ? "" : "muted"}>{row.text}</span>
    </span>
    <span class="list-second">
      {row.tags.map((tag) => (
        <span key={tag} class="tag">
          {tag}
        </span>
      ))}
    </span>
  </ListRow>
);
