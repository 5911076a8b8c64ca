import { describe, expect, test } from 'vitest';
import { blocks, byPlace, matches } from '../src/plant';
import { routeOf } from '../src/route';
import type { Space } from '../src/shapes';
import { equipment } from './examples';

const space = (id: number, parent: number | null, name: string): Space => ({
  id, site_id: 1, parent_id: parent, kind: 'room', code: `s${id}`, name: { 'zh-CN': name, en: name },
});

describe('the list of equipment', () => {
  test('puts the place with the worst state first, and the worst first within it', () => {
    const groups = byPlace(
      [
        equipment({ id: 1, space_id: 1, code: 'a-1' }),
        equipment({ id: 2, space_id: 2, code: 'b-10' }),
        equipment({ id: 3, space_id: 2, code: 'b-2' }),
        equipment({ id: 4, space_id: 2, code: 'b-9', worst_severity: 'high' }),
        equipment({ id: 5, space_id: null, code: 'c-1', worst_severity: 'low' }),
      ],
      'en',
      'Nowhere',
    );
    expect(groups.map((group) => [group.spaceId, group.severity])).toEqual([[2, 'high'], [null, 'low'], [1, null]]);
    expect(groups[0]!.equipment.map((each) => each.code)).toEqual(['b-9', 'b-2', 'b-10']);
    expect(groups[1]!.name).toBe('Nowhere');
  });

  test('is searched by every word, in names of any language, codes and places', () => {
    expect(matches(equipment(), 'EL-1')).toBe(true);
    expect(matches(equipment(), '电梯')).toBe(true);
    expect(matches(equipment(), 'elevator tower')).toBe(true);
    expect(matches(equipment(), 'elevator basement')).toBe(false);
  });
});

test('states rise from equipment to its space and to the outermost one', () => {
  const found = blocks(
    [space(1, null, 'Tower'), space(2, 1, 'Floor'), space(3, 2, 'Room'), space(4, null, 'Empty')],
    [equipment({ id: 1, space_id: 3, worst_severity: 'medium', live_alarms: 2 }), equipment({ id: 2, space_id: 2, open_tickets: 1 })],
  );
  expect(found).toHaveLength(1);
  expect(found[0]!.severity).toBe('medium');
  expect(found[0]!.tiles.map((tile) => [tile.space.id, tile.severity, tile.liveAlarms, tile.openTickets])).toEqual([[2, null, 0, 1], [3, 'medium', 2, 0]]);
});

test('a space whose parent this person may not see stands for itself', () => {
  expect(blocks([space(3, 99, 'Room')], [equipment({ space_id: 3 })])[0]!.space.id).toBe(3);
});

describe('the way of an address', () => {
  test('leads to one thing or to a list', () => {
    expect(routeOf('/alarms/42')).toEqual({ screen: 'alarm', id: 42 });
    expect(routeOf('/equipment/7/')).toEqual({ screen: 'equipment', id: 7 });
    expect(routeOf('/tickets')).toEqual({ screen: 'tickets' });
    expect(routeOf('/')).toEqual({ screen: 'now' });
  });

  test('leads nowhere quietly', () => {
    expect(routeOf('/alarms/x')).toEqual({ screen: 'unknown' });
    expect(routeOf('/alarms/1/2')).toEqual({ screen: 'unknown' });
    expect(routeOf('/nothing')).toEqual({ screen: 'unknown' });
  });
});
