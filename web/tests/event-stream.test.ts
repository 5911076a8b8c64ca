import { describe, expect, test } from 'vitest';
import { EventParser } from '../src/event-stream';

describe('server-sent events', () => {
  test('come whole with id, kind and data', () => {
    expect(new EventParser().push('id: 7\nevent: alarm_raised\ndata: {"a":1}\n\n')).toEqual([{ id: '7', kind: 'alarm_raised', data: '{"a":1}' }]);
  });

  test('come whole whatever pieces the network makes of them', () => {
    const stream = ': beat\r\n\r\nid: 7\r\nevent: alarm_raised\r\ndata: one\r\ndata: two\r\n\r\nid: 8\r\ndata: x\r\n\r\n';
    for (let size = 1; size <= stream.length; size++) {
      const parser = new EventParser();
      const events = [];
      for (let at = 0; at < stream.length; at += size) events.push(...parser.push(stream.slice(at, at + size)));
      expect(events).toEqual([
        { id: '7', kind: 'alarm_raised', data: 'one\ntwo' },
        { id: '8', kind: 'message', data: 'x' },
      ]);
    }
  });

  test('heartbeats are no events', () => {
    expect(new EventParser().push(': hello\n\n:\n\n')).toEqual([]);
  });

  test('an event without an id keeps the last one, to resume from', () => {
    const parser = new EventParser();
    parser.push('id: 7\ndata: a\n\n');
    expect(parser.push('data: b\n\n')).toEqual([{ id: '7', kind: 'message', data: 'b' }]);
  });

  test('a heartbeat moves the place to resume from and tells nothing', () => {
    const parser = new EventParser();
    expect(parser.push('id: 41\n: alive\n')).toEqual([]);
    expect(parser.lastId).toBeNull();
    expect(parser.push('\n')).toEqual([]);
    expect(parser.lastId).toBe('41');
  });

  test('an unfinished event is not told', () => {
    const parser = new EventParser();
    expect(parser.push('id: 9\ndata: half')).toEqual([]);
    expect(parser.push('\n\n')).toEqual([{ id: '9', kind: 'message', data: 'half' }]);
  });
});
