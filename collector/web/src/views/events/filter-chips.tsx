import { t } from "../../i18n/index.ts";
import { filters } from "../../state/address.ts";
import { Icon } from "../../ui/icon.tsx";
import { partsOf, removeFilter, replaceFilter, signOf, turned } from "./filter-text.ts";

/** The filters in force; a click turns one round, its cross takes it away. */
export function FilterChips() {
  if (filters.value.length === 0) return null;
  return (
    <ul class="chips">
      {filters.value.map((filter) => {
        const { field, operator, value } = partsOf(filter);
        const other = turned(filter);
        const name = `${field} ${signOf(operator)} ${value}`;
        const negative = /^(neq|notIn)$/.test(operator) || (operator === "exists" && value === "false");
        return (
          <li key={filter} class={negative ? "chip chip-not" : "chip"}>
            <button
              type="button"
              class="chip-text"
              disabled={other === undefined}
              title={t("events.turnFilter", { x: name })}
              onClick={() => other !== undefined && replaceFilter(filter, other)}
            >
              <span class="muted">{field}</span> <b>{signOf(operator)}</b> <code>{value}</code>
            </button>
            <button
              type="button"
              class="chip-close"
              aria-label={t("events.removeFilter", { x: name })}
              onClick={() => removeFilter(filter)}
            >
              <Icon name="close" size={12} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
