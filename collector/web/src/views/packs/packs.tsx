import type { Pack } from "../../api/pack-types.ts";
import type { List } from "../../api/types.ts";
import { t, tCount } from "../../i18n/index.ts";
import { whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { DetailPane, fresh, ListDetail, ListRow, NewButton } from "../../ui/list-detail.tsx";
import { SectionTabs } from "../plugins/section-tabs.tsx";
import { InstallPack } from "./install-pack.tsx";
import { PackDetail } from "./pack-detail.tsx";
import { PackState } from "./pack-state.tsx";

/** Signed packs of rules: what is installed, and the one that is chosen. */
export function Packs() {
  const answer = useQuery<List<Pack>>("/packs", { every: 30_000 });
  return (
    <ListDetail
      title={t("nav.packs")}
      icon="shield"
      tools={
        <>
          <SectionTabs />
          <NewButton label={t("packs.install")} />
        </>
      }
      answer={answer}
      items={answer.data?.items ?? []}
      idOf={({ name }) => name}
      row={(item, open) => <Row key={item.name} item={item} open={open} />}
      none={t("packs.none")}
      noneHint={<p>{t("packs.noneHint")}</p>}
      choose={t("packs.choose")}
      detail={(id) => (
        <DetailPane>{id === fresh ? <InstallPack /> : <PackDetail key={id} name={id} />}</DetailPane>
      )}
    />
  );
}

const Row = ({ item, open }: { item: Pack; open: boolean }) => (
  <ListRow id={item.name} open={open} edge={item.state === "broken" ? "bad" : "plain"}>
    <span class="list-first">
      <b>{item.name}</b>
      <span class="muted">{item.version ?? "–"}</span>
    </span>
    <span class="list-second">
      <PackState state={item.state} />
      {item.sequence === undefined ? null : (
        <span class="muted">{t("packs.sequence", { x: whole(item.sequence) })}</span>
      )}
      <span class="muted">{tCount("packs.rules", item.rules, whole(item.rules))}</span>
    </span>
  </ListRow>
);
