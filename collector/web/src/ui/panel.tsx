import type { ComponentChildren } from "preact";
import type { Answer } from "../lib/use-query.ts";
import { Failed } from "./state-box.tsx";

interface PanelProps<T> {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly answer: Answer<T>;
  readonly class?: string;
  readonly children: (data: T) => ComponentChildren;
}

/** A titled box around one answer: a quiet placeholder at first, the answer, or what went wrong. */
export function Panel<T>({ title, aside, answer, class: name = "", children }: PanelProps<T>) {
  const { data, problem, loading } = answer;
  return (
    <section class={`panel ${name}`} aria-busy={loading}>
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {problem && !data ? <Failed problem={problem} /> : data ? children(data) : <div class="skeleton" />}
    </section>
  );
}
