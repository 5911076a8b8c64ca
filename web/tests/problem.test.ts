import { describe, expect, test } from 'vitest';
import { explain, refused } from '../src/problem';
import { dictionaries } from '../src/text';

const { 'zh-CN': zh, en } = dictionaries;

describe('a refusal in words', () => {
  test('names every field with its own fault', () => {
    const failure = refused(422, { title: 'Unprocessable Content', errors: [{ field: 'body.note', message: 'is too short' }, { field: 'title', message: 'is missing' }] }, null);
    expect(explain(failure, en)).toBe('Note: is too short. Title: is missing.');
    expect(explain(failure, zh)).toBe('说明：is too short。 标题：is missing。');
  });

  test('names a field that this version does not know as the server does', () => {
    expect(explain(refused(422, { errors: [{ field: 'body.shelf_life', message: 'is negative' }] }, null), en)).toBe('shelf_life: is negative.');
  });

  test('says how long to wait', () => {
    expect(explain(refused(429, {}, '27'), en)).toBe('Too many requests. Try again in 27 s.');
    expect(explain(refused(429, {}, null), en)).toBe('Too many requests. Try again a little later.');
  });

  test('keeps what the server says about a conflict', () => {
    expect(explain(refused(409, { title: 'Conflict', detail: 'the ticket is closed' }, null), en)).toContain('the ticket is closed');
  });

  test('an answer that is no problem document still says something useful', () => {
    expect(explain(refused(502, '<html>', null), en)).toBe('The server failed (502). Try again later; tell the administrator if it stays.');
    expect(explain(refused(418, null, null), en)).toBe('The server refused (418).');
    expect(explain(refused(418, { detail: 'no coffee here' }, null), en)).toBe('no coffee here');
  });

  test('malformed entries among the errors are left out', () => {
    expect(refused(422, { errors: [{ field: 1 }, 'x', null, { field: 'a', message: 'b' }] }, null)).toMatchObject({ errors: [{ field: 'a', message: 'b' }] });
  });

  test('no answer at all tells what to check', () => {
    expect(explain({ kind: 'unreachable' }, en)).toContain('network');
    expect(explain({ kind: 'unreachable' }, zh)).toContain('网络');
  });
});

describe('Retry-After', () => {
  test('is read in seconds, and never below zero', () => {
    expect(refused(429, {}, '0.2')).toMatchObject({ retryAfter: 1 });
    expect(refused(429, {}, '-5')).toMatchObject({ retryAfter: 0 });
  });

  test('is read as a date', () => {
    const soon = new Date(Date.now() + 30_000).toUTCString();
    const { retryAfter } = refused(429, {}, soon) as { retryAfter: number };
    expect(retryAfter).toBeGreaterThan(25);
    expect(retryAfter).toBeLessThanOrEqual(30);
  });

  test('is nothing where it cannot be read', () => {
    expect(refused(429, {}, 'soon')).toMatchObject({ retryAfter: null });
    expect(refused(429, {}, null)).toMatchObject({ retryAfter: null });
  });
});
