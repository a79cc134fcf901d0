import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/index.ts";
import { dayTime } from "../lib/format.ts";
import { from, go, to } from "../state/address.ts";
import { language } from "../state/preferences.ts";
import { Icon } from "../ui/icon.tsx";

const presets = ["-15m", "-1h", "-6h", "-24h", "-7d", "-30d"];
const units = { m: "minute", h: "hour", d: "day" } as const;

/** The name of a range back from now, such as `15 minutes`. */
function presetName(preset: string): string {
  const match = /^-(\d+)([mhd])$/.exec(preset);
  if (!match) return preset;
  const unit = units[match[2] as keyof typeof units];
  const count = Number(match[1]);
  const format = new Intl.NumberFormat(language.value, { style: "unit", unit, unitDisplay: "long" });
  // "Last hour" rather than "Last 1 hour".
  const parts = format.formatToParts(count).filter((part) => count !== 1 || part.type === "unit");
  return parts.map((part) => part.value).join("");
}

function rangeName(start: string, end: string): string {
  if (end === "now" && /^-\d+[mhd]$/.test(start)) return t("time.last", { x: presetName(start) });
  const name = (value: string) => (/^\d{4}-/.test(value) ? dayTime(value) : value);
  return `${name(start)} – ${name(end)}`;
}

/** Chooses the time range that every view shows. */
export function TimePicker() {
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const close = (event: Event) => {
      const outside = event instanceof PointerEvent && !frame.current?.contains(event.target as Node);
      if (outside || (event instanceof KeyboardEvent && event.key === "Escape")) setOpen(false);
    };
    addEventListener("pointerdown", close);
    addEventListener("keydown", close);
    return () => {
      removeEventListener("pointerdown", close);
      removeEventListener("keydown", close);
    };
  }, [open]);
  const choose = (start: string, end: string) => {
    setOpen(false);
    go({ from: start, to: end });
  };
  return (
    <div class="picker" ref={frame}>
      <button
        type="button"
        class="picker-button"
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-label={`${t("time.range")}: ${rangeName(from.value, to.value)}`}
        onClick={() => setOpen(!open)}
      >
        <Icon name="clock" />
        <span>{rangeName(from.value, to.value)}</span>
        <Icon name="down" size={14} />
      </button>
      {open ? (
        <div class="popover" role="dialog" aria-label={t("time.range")}>
          <ul>
            {presets.map((preset) => (
              <li key={preset}>
                <button
                  type="button"
                  aria-pressed={from.value === preset && to.value === "now"}
                  onClick={() => choose(preset, "now")}
                >
                  {t("time.last", { x: presetName(preset) })}
                </button>
              </li>
            ))}
          </ul>
          <CustomRange onChoose={choose} />
        </div>
      ) : null}
    </div>
  );
}

function CustomRange({ onChoose }: { onChoose: (start: string, end: string) => void }) {
  const [start, setStart] = useState(from.value);
  const [end, setEnd] = useState(to.value);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onChoose(start.trim(), end.trim());
      }}
    >
      <h3>{t("time.custom")}</h3>
      <label>
        {t("time.from")}
        <input value={start} spellcheck={false} onInput={(event) => setStart(event.currentTarget.value)} />
      </label>
      <label>
        {t("time.to")}
        <input value={end} spellcheck={false} onInput={(event) => setEnd(event.currentTarget.value)} />
      </label>
      <p class="muted">{t("time.hint")}</p>
      <button type="submit" class="button">
        {t("time.apply")}
      </button>
    </form>
  );
}
