// biome-ignore-all lint/a11y/useSemanticElements: a combobox with a list box, as the ARIA practices describe it.
// biome-ignore-all lint/a11y/noNoninteractiveElementToInteractiveRole: the list is a list box.
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus stays in the input; aria-activedescendant points.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ApiProblem } from "../../api/problem.ts";
import type { FieldInfo, List } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { useQuery } from "../../lib/use-query.ts";
import { searchBoxId, takeFocus } from "../../shell/shortcuts.ts";
import { go, query } from "../../state/address.ts";
import { refresh } from "../../state/refresh.ts";
import { Icon } from "../../ui/icon.tsx";
import { completionOf, suggestionsFor } from "./complete.ts";

/** The search box: field names are completed while typing, and a mistake is shown where it is. */
export function SearchBox({ problem }: { problem: ApiProblem | undefined }) {
  const [text, setText] = useState(query.value);
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const fields = useQuery<List<FieldInfo>>("/events/fields");
  const asked = query.value;
  useEffect(() => setText(asked), [asked]);
  useEffect(() => {
    if (takeFocus()) input.current?.focus();
  }, []);
  const completion = completionOf(text, caret);
  const suggestions = useMemo(
    () => (open && completion ? suggestionsFor(completion.word, fields.data?.items ?? []) : []),
    [open, completion?.word, fields.data],
  );

  const submit = () => {
    setOpen(false);
    if (text.trim() === query.value) refresh();
    else go({ q: text.trim(), id: undefined });
  };
  const accept = (field: FieldInfo) => {
    if (!completion) return;
    const next = `${text.slice(0, completion.start)}${field.path}:`;
    setText(next + text.slice(caret));
    setCaret(next.length);
    setChosen(-1);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(next.length, next.length);
    });
  };
  const press = (event: KeyboardEvent) => {
    const shown = open && suggestions.length > 0;
    if (shown && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setChosen((chosen + step + suggestions.length + 1) % (suggestions.length + 1));
    } else if (shown && (event.key === "Tab" || event.key === "Enter") && suggestions[chosen]) {
      event.preventDefault();
      accept(suggestions[chosen]);
    } else if (event.key === "Escape" && shown) {
      event.stopPropagation();
      setOpen(false);
    }
  };
  const wrong = problem?.status === 400 ? problem : undefined;
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div class={wrong ? "search-line search-wrong" : "search-line"}>
        <Icon name="search" />
        <input
          ref={input}
          id={searchBoxId}
          type="text"
          role="combobox"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-label={t("events.search")}
          aria-expanded={suggestions.length > 0}
          aria-controls="search-suggestions"
          aria-activedescendant={chosen >= 0 ? `suggestion-${chosen}` : undefined}
          aria-invalid={wrong !== undefined}
          aria-describedby={wrong ? "search-problem" : undefined}
          placeholder={t("events.placeholder")}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setCaret(event.currentTarget.selectionStart ?? 0);
            setOpen(true);
            setChosen(-1);
          }}
          onKeyDown={press}
          onBlur={() => setOpen(false)}
        />
        {text === "" ? null : (
          <button
            type="button"
            class="tool"
            aria-label={t("events.clear")}
            onClick={() => {
              setText("");
              go({ q: undefined });
              input.current?.focus();
            }}
          >
            <Icon name="close" size={14} />
          </button>
        )}
        <button type="submit" class="button button-main">
          {t("events.find")}
        </button>
      </div>
      {suggestions.length > 0 ? (
        <ul class="suggestions" id="search-suggestions" role="listbox" aria-label={t("events.fields")}>
          {suggestions.map((field, index) => (
            <li
              key={field.path}
              id={`suggestion-${index}`}
              role="option"
              aria-selected={index === chosen}
              onPointerDown={(event) => {
                event.preventDefault();
                accept(field);
              }}
            >
              <code>{field.path}</code>
              <span class="muted">{field.description ?? field.type}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {wrong ? <Mistake problem={wrong} text={asked} /> : null}
    </form>
  );
}

/** What is wrong with the query, with a mark under the place. */
function Mistake({ problem, text }: { problem: ApiProblem; text: string }) {
  const { at, cure, message, parameter } = problem;
  return (
    <div class="mistake" id="search-problem" role="alert">
      {parameter === "q" && at !== undefined && text.length < 200 ? (
        <pre aria-hidden="true">{`${text}\n${" ".repeat(at)}^`}</pre>
      ) : null}
      <p>
        <b>{message}</b> {cure}
      </p>
    </div>
  );
}
