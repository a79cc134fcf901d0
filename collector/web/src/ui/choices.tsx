import { t } from "../i18n/index.ts";

interface ChoicesProps {
  readonly label: string;
  readonly values: readonly string[];
  readonly chosen: readonly string[];
  readonly name: (value: string) => string;
  readonly onChoose: (values: string[]) => void;
}

/** A row of values of which any number may be chosen; none means all. */
export const Choices = ({ label, values, chosen, name, onChoose }: ChoicesProps) => (
  <fieldset class="segments">
    <legend class="visually-hidden">{label}</legend>
    <button type="button" aria-pressed={chosen.length === 0} onClick={() => onChoose([])}>
      {t("alerts.any")}
    </button>
    {values.map((value) => (
      <button
        key={value}
        type="button"
        aria-pressed={chosen.includes(value)}
        onClick={() =>
          onChoose(chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value])
        }
      >
        {name(value)}
      </button>
    ))}
  </fieldset>
);
