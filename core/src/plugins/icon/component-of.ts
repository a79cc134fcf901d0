import { nearest } from "../../config/index.ts";
import { componentsOf, type IconComponent, type IconSpec, sectionOf } from "./spec/model.ts";

const kinds: Readonly<Record<string, IconComponent["kind"]>> = {
  action: "action",
  actions: "action",
  trigger: "trigger",
  triggers: "trigger",
  task: "task",
  tasks: "task",
};

/** What a name may mean: a component, or a sentence on why it is none. */
export type FoundComponent = { readonly component: IconComponent } | { readonly why: string };

/**
 * Finds `lookup`, `actions/lookup`, `action.lookup` or the title of a component. Of an id that several kinds have, the
 * kind must be said.
 */
export function findComponent(spec: IconSpec, name: string): FoundComponent {
  const [, kindWord, rest] = /^(\w+)[/.:](.+)$/.exec(name) ?? [];
  const kind = kindWord === undefined ? undefined : kinds[kindWord.toLowerCase()];
  const wanted = kind === undefined ? name : (rest ?? "");
  const all = componentsOf(spec).filter((each) => kind === undefined || each.kind === kind);
  const exact = all.filter(({ id }) => id === wanted);
  const found =
    exact.length > 0 ? exact : all.filter((each) => same(each.id, wanted) || same(each.title, wanted));
  const [only, another] = found;
  if (only && !another) return { component: only };
  const names = all.map((each) => `${sectionOf(each.kind)}/${each.id}`);
  if (only) return { why: `"${name}" is several: ${found.map(fullName).join(", ")}. Write one of them.` };
  const meant = nearest(
    wanted,
    all.map(({ id }) => id),
  );
  const list = names.length > 0 ? `There are ${names.slice(0, 40).join(", ")}.` : "It has no components.";
  return {
    why: `There is no "${name}" in ${spec.name || spec.file}. ${meant ? `Did you mean "${meant}"?` : list}`,
  };
}

/** `actions/lookup` */
export const fullName = ({ kind, id }: IconComponent): string => `${sectionOf(kind)}/${id}`;

const same = (a: string, b: string): boolean =>
  a.toLowerCase().replaceAll(/\W|_/g, "") === b.toLowerCase().replaceAll(/\W|_/g, "");
