// The site's equipment as the lists show it: by place, the worst first.
import { rank, worst } from './alarm';
import type { Equipment, Locale, Severity, Space } from './shapes';
import { said } from './text';

export interface PlaceGroup {
  /** null for what stands nowhere. */
  readonly spaceId: number | null;
  readonly name: string;
  readonly severity: Severity | null;
  readonly equipment: readonly Equipment[];
}

/** Equipment by the space it stands in; the worst state rises, in the list and within each group. */
export function byPlace(equipment: readonly Equipment[], locale: Locale, nowhere: string): PlaceGroup[] {
  const groups = new Map<number | null, Equipment[]>();
  for (const each of equipment) {
    const group = groups.get(each.space_id);
    if (group === undefined) groups.set(each.space_id, [each]);
    else group.push(each);
  }
  return [...groups]
    .map(([spaceId, items]) => ({
      spaceId,
      name: spaceId === null ? nowhere : said(items[0]!.place, locale),
      severity: worst(items.map((each) => each.worst_severity)),
      equipment: items.sort((a, b) => rank(a.worst_severity) - rank(b.worst_severity) || a.code.localeCompare(b.code, locale, { numeric: true })),
    }))
    .sort((a, b) => rank(a.severity) - rank(b.severity) || a.name.localeCompare(b.name, locale, { numeric: true }));
}

/** Whether every word of `query` occurs in the name (in any language), code, or place. */
export function matches(equipment: Equipment, query: string): boolean {
  const text = [equipment.code, ...Object.values(equipment.name), ...Object.values(equipment.place)].join(' ').toLowerCase();
  return query.toLowerCase().split(/\s+/).every((part) => text.includes(part));
}

export interface Tile {
  readonly space: Space;
  readonly severity: Severity | null;
  readonly equipment: number;
  readonly liveAlarms: number;
  readonly openTickets: number;
  /** The worst first. */
  readonly abnormal: readonly Equipment[];
}

export interface Block {
  readonly space: Space;
  readonly severity: Severity | null;
  readonly tiles: readonly Tile[];
}

/**
 * The spaces that hold equipment as tiles, in blocks of their outermost space; states rise to both. Spaces keep their
 * own order: a plan whose rooms changed places would have to be read anew each time.
 */
export function blocks(spaces: readonly Space[], equipment: readonly Equipment[]): Block[] {
  const known = new Map(spaces.map((space) => [space.id, space]));
  const held = new Map<number, Equipment[]>();
  for (const each of equipment) {
    if (each.space_id === null) continue;
    const group = held.get(each.space_id);
    if (group === undefined) held.set(each.space_id, [each]);
    else group.push(each);
  }
  const found = new Map<number, Tile[]>();
  for (const space of spaces) {
    const items = held.get(space.id);
    if (items === undefined) continue;
    const tile: Tile = {
      space,
      severity: worst(items.map((each) => each.worst_severity)),
      equipment: items.length,
      liveAlarms: items.reduce((sum, each) => sum + each.live_alarms, 0),
      openTickets: items.reduce((sum, each) => sum + each.open_tickets, 0),
      abnormal: items.filter((each) => each.worst_severity !== null).sort((a, b) => rank(a.worst_severity) - rank(b.worst_severity)),
    };
    const outer = outermost(space, known);
    const tiles = found.get(outer.id);
    if (tiles === undefined) found.set(outer.id, [tile]);
    else tiles.push(tile);
  }
  return [...found].map(([id, tiles]) => ({ space: known.get(id)!, severity: worst(tiles.map((tile) => tile.severity)), tiles }));
}

function outermost(space: Space, known: ReadonlyMap<number, Space>): Space {
  let here = space;
  // The outermost may lie outside what this person sees; then the last seen one stands for it.
  for (let parent = here.parent_id; parent !== null; parent = here.parent_id) {
    const next = known.get(parent);
    if (next === undefined || next.id === space.id) break;
    here = next;
  }
  return here;
}
