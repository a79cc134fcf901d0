import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/index.ts";
import { apiKey, useKey } from "../state/session.ts";

/** Asks for the API key when the collector does. */
export function KeyBox() {
  const [key, setKey] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <form
      class="key-box panel"
      onSubmit={(event) => {
        event.preventDefault();
        if (key.trim() !== "") useKey(key.trim());
      }}
    >
      <h1>{t("key.title")}</h1>
      <p>{t("key.text")}</p>
      <label>
        {t("key.label")}
        <input
          type="password"
          name="key"
          autocomplete="off"
          value={key}
          ref={input}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      {apiKey.value === "" ? null : (
        <p class="fault" role="alert">
          {t("key.wrong")}
        </p>
      )}
      <button type="submit" class="button button-main">
        {t("key.enter")}
      </button>
      <p class="muted">
        {t("key.cure")} <code>vedette key create me --scope read</code>
      </p>
    </form>
  );
}
