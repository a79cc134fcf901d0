import type { WidgetItem } from "../../api/plugin-types.ts";
import type { List } from "../../api/types.ts";
import { useQuery } from "../../lib/use-query.ts";
import { language } from "../../state/preferences.ts";
import { WidgetPanel } from "./widget-panel.tsx";

/** Widgets of plugins on the overview; each asks its own question. */
const most = 12;

const useWidgets = (): readonly WidgetItem[] =>
  useQuery<List<WidgetItem>>(`/widgets?lang=${language.value}`, { every: 60_000 }).data?.items ?? [];

/** What plugins add to the overview. */
export const OverviewWidgets = () => (
  <>
    {useWidgets()
      .filter(({ onPage, onAddress }) => !onPage && !onAddress)
      .slice(0, most)
      .map((widget) => (
        <WidgetPanel key={`${widget.plugin}/${widget.id}`} widget={widget} />
      ))}
  </>
);

/** What plugins show of the events that a filter leaves: those of an address or a network. */
export const AddressWidgets = ({ filter }: { filter: string }) => (
  <>
    {useWidgets()
      .filter(({ onAddress }) => onAddress)
      .slice(0, most)
      .map((widget) => (
        <WidgetPanel
          key={`${widget.plugin}/${widget.id}`}
          widget={{ ...widget, data: `${widget.data}&filter=${encodeURIComponent(filter)}` }}
        />
      ))}
  </>
);

interface PageProps {
  readonly plugin: string;
  readonly title: string;
  /** Ids, in order. */
  readonly widgets: readonly string[];
}

/** The page of a plugin. While the plugin is switched off there is nothing on it. */
export function PluginPage({ plugin, title, widgets }: PageProps) {
  const all = useWidgets().filter((each) => each.plugin === plugin);
  const shown = widgets.flatMap((id) => all.find((each) => each.id === id) ?? []);
  if (shown.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <div class="widgets">
        {shown.map((widget) => (
          <WidgetPanel key={widget.id} widget={widget} />
        ))}
      </div>
    </section>
  );
}
