interface ReasonFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly maxLength?: number;
}

/** A line that has to be filled in, such as why something is done. */
export const ReasonField = ({ label, value, onValue, maxLength = 500 }: ReasonFieldProps) => (
  <label>
    {label}
    <input
      class="input"
      required
      maxLength={maxLength}
      value={value}
      onInput={(event) => onValue(event.currentTarget.value)}
    />
  </label>
);
