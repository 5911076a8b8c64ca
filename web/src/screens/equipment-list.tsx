import { useMemo } from 'preact/hooks';
import { nearPlace } from '../alarm';
import { useLanguage } from '../language';
import { byPlace, matches } from '../plant';
import { useResource } from '../resource';
import { navigate, place } from '../route';
import type { Equipment } from '../shapes';
import { equipmentList, kinds } from '../sources';
import { useStore } from '../store';
import { EquipmentRow } from '../ui/equipment-row';
import { Icon } from '../ui/icon';
import { Pane } from '../ui/pane';
import { SeverityWord } from '../ui/severity';
import { Empty, Listing, SkeletonRows } from '../ui/states';

export function EquipmentListScreen() {
  const { text, locale, say } = useLanguage();
  const { path, query } = useStore(place);
  const equipment = useResource(equipmentList);
  const known = useResource(kinds);
  const search = query.get('q') ?? '';
  const kind = query.get('kind') ?? '';
  const space = query.get('space');

  function narrow(change: Readonly<Record<string, string | null>>): void {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(change)) {
      if (value === null || value === '') next.delete(name);
      else next.set(name, value);
    }
    const written = next.toString();
    navigate(written === '' ? path : `${path}?${written}`, 'replace');
  }

  return (
    <Pane name="equipment" title={<Headline equipment={equipment.data} />}>
      <div class="search">
        <label class="search-field">
          <span class="sr-only">{text.equipment.search}</span>
          <Icon name="search" />
          <input
            type="search"
            enterkeyhint="search"
            placeholder={text.equipment.search}
            value={search}
            onInput={(event) => narrow({ q: event.currentTarget.value, space: null })}
          />
          {search !== '' && (
            <button type="button" class="icon-button" aria-label={text.equipment.clear} onClick={() => narrow({ q: null })}>
              <Icon name="clear" />
            </button>
          )}
        </label>
        <label>
          <span class="sr-only">{text.equipment.kind}</span>
          <select value={kind} onChange={(event) => narrow({ kind: event.currentTarget.value })}>
            <option value="">{text.equipment.allKinds}</option>
            {(known.data ?? []).map((each) => (
              <option key={each.code} value={each.code}>
                {say(each.name)}
              </option>
            ))}
          </select>
        </label>
        {space !== null && (
          <button type="button" class="button chip" onClick={() => narrow({ space: null })}>
            {spaceName()} <Icon name="clear" />
            <span class="sr-only">{text.equipment.clear}</span>
          </button>
        )}
      </div>
      <Listing
        of={equipment}
        loading={text.equipment.loading}
        skeleton={<SkeletonRows count={6} />}
        isEmpty={(data) => data.length === 0}
        empty={<Empty title={text.equipment.empty}>{text.equipment.emptyMore}</Empty>}
      >
        {(data) => <Groups equipment={data} search={search} kind={kind} space={space} />}
      </Listing>
    </Pane>
  );

  function spaceName(): string {
    const one = equipment.data?.find((each) => String(each.space_id) === space);
    return one === undefined ? '' : nearPlace(say(one.place)) || locale;
  }
}

interface GroupsProps {
  readonly equipment: readonly Equipment[];
  readonly search: string;
  readonly kind: string;
  readonly space: string | null;
}

function Groups({ equipment, search, kind, space }: GroupsProps) {
  const { text, locale } = useLanguage();
  const groups = useMemo(() => {
    const found = equipment.filter(
      (each) => (kind === '' || each.kind === kind) && (space === null || String(each.space_id) === space) && (search.trim() === '' || matches(each, search.trim())),
    );
    return byPlace(found, locale, text.equipment.nowhere);
  }, [equipment, search, kind, space, locale, text]);
  if (groups.length === 0) return <Empty title={text.equipment.none(search)}>{text.equipment.noneMore}</Empty>;
  return (
    <>
      {groups.map((group) => (
        <section key={group.spaceId} class="section">
          <h2 class="section-title">
            <span>{nearPlace(group.name)}</span>
            <span class="section-aside">
              {group.severity !== null && <SeverityWord severity={group.severity} />}
              {group.equipment.length}
            </span>
          </h2>
          <ul class="rows">
            {group.equipment.map((each) => (
              <EquipmentRow key={each.id} equipment={each} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Headline({ equipment }: { readonly equipment: readonly Equipment[] | undefined }) {
  const { text } = useLanguage();
  if (equipment === undefined || equipment.length === 0) return <>{text.equipment.title}</>;
  const abnormal = equipment.filter((each) => each.worst_severity !== null).length;
  return <>{abnormal > 0 ? text.equipment.abnormal(abnormal) : text.equipment.count(equipment.length)}</>;
}
