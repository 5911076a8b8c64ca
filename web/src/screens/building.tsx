import { useLanguage } from '../language';
import { blocks, type Block } from '../plant';
import { useResource } from '../resource';
import type { Equipment } from '../shapes';
import { equipmentList, spaces } from '../sources';
import { Link } from '../ui/link';
import { Pane } from '../ui/pane';
import { SeverityWord } from '../ui/severity';
import { Empty, Listing, SkeletonRows } from '../ui/states';

/** Every room at a glance; the worst state of what stands in it rises to the room and to the building. */
export function BuildingScreen() {
  const { text } = useLanguage();
  const places = useResource(spaces);
  const equipment = useResource(equipmentList);
  const plan = places.data === undefined || equipment.data === undefined ? undefined : blocks(places.data, equipment.data);
  return (
    <Pane name="building" broad title={plan === undefined ? text.building.title : headline(plan)} under={<span class="minor">{text.building.legend}</span>}>
      <Listing
        of={places}
        loading={text.building.loading}
        skeleton={<SkeletonRows count={4} />}
        isEmpty={(data) => data.length === 0}
        empty={<Empty title={text.building.empty}>{text.building.emptyMore}</Empty>}
      >
        {(found) => (
          <Listing of={equipment} loading={text.building.loading} skeleton={<SkeletonRows count={4} />}>
            {(data: Equipment[]) => blocks(found, data).map((block) => <BlockView key={block.space.id} block={block} />)}
          </Listing>
        )}
      </Listing>
    </Pane>
  );

  function headline(plan: readonly Block[]): string {
    const abnormal = plan.flatMap((block) => block.tiles).filter((tile) => tile.severity !== null).length;
    return abnormal === 0 ? text.building.allNormal : text.building.abnormal(abnormal);
  }
}

function BlockView({ block }: { readonly block: Block }) {
  const { text, say } = useLanguage();
  return (
    <section class="section">
      <h2 class="section-title">
        <span>{say(block.space.name)}</span>
        <span class="section-aside">
          <SeverityWord severity={block.severity} />
        </span>
      </h2>
      <ul class="tiles">
        {block.tiles.map((tile) => (
          <li key={tile.space.id} class={`tile ${tile.severity ?? 'normal'}`}>
            <Link href={`/equipment?space=${tile.space.id}`} class="row-link">
              {say(tile.space.name)}
            </Link>
            <SeverityWord severity={tile.severity} />
            {tile.abnormal.length > 0 && <span class="tile-names">{tile.abnormal.map((each) => say(each.name)).join(' · ')}</span>}
            <span class="minor">
              {[
                text.equipment.count(tile.equipment),
                tile.liveAlarms > 0 ? text.equipment.liveAlarms(tile.liveAlarms) : '',
                tile.openTickets > 0 ? text.equipment.openTickets(tile.openTickets) : '',
              ]
                .filter((part) => part !== '')
                .join(' · ')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
