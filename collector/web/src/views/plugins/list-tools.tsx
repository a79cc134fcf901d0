import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import type { ApiProblem } from "../../api/problem.ts";
import { t } from "../../i18n/index.ts";
import { download } from "../../lib/download.ts";
import { whole } from "../../lib/format.ts";
import { refresh } from "../../state/refresh.ts";
import { isRefused, Refusal } from "../../ui/form/refusal.tsx";

/** Looks through the plugin folders again. Gives what to say about it. */
async function look(): Promise<string> {
  const { plugins, broken } = await send<{ plugins: number; broken: number }>("/plugins/rediscover", {
    method: "POST",
  });
  refresh();
  return t("plugins.looked", { x: whole(plugins), y: whole(broken) });
}

/** Downloads all that helps to find a fault. */
async function bundle(): Promise<string> {
  const day = new Date().toISOString().slice(0, 10);
  await download("/debug-bundle", `vedette-debug-${day}.zip`);
  return t("plugins.bundled");
}

/** Gives all assets to the plugins that export them. */
async function exportAssets(): Promise<string> {
  const { assets } = await send<{ assets: number }>("/plugins/export-assets", { method: "POST" });
  return t("plugins.exported", { x: whole(assets) });
}

/** What can be done with all plugins at once, and what came of it. */
export function ListTools() {
  const [said, setSaid] = useState("");
  const [failure, setFailure] = useState<ApiProblem>();
  const run = async (work: () => Promise<string>) => {
    setSaid(t("plugins.busy"));
    setFailure(undefined);
    try {
      setSaid(await work());
    } catch (problem) {
      setSaid("");
      setFailure(problem as ApiProblem);
    }
  };
  return (
    <>
      <span role="status" class="muted said">
        {said}
      </span>
      <button
        type="button"
        class="button button-small"
        title={t("plugins.bundleHint")}
        onClick={() => void run(bundle)}
      >
        {t("plugins.bundle")}
      </button>
      <button
        type="button"
        class="button button-small"
        title={t("plugins.exportHint")}
        onClick={() => void run(exportAssets)}
      >
        {t("plugins.export")}
      </button>
      <button type="button" class="button button-small" onClick={() => void run(look)}>
        {t("plugins.lookAgain")}
      </button>
      {failure === undefined ? null : isRefused(failure) ? (
        <Refusal problem={failure} onKey={() => setFailure(undefined)} />
      ) : (
        <p class="field-problem" role="alert">
          {failure.message}
        </p>
      )}
    </>
  );
}
