// The car of an elevator: how it stands, and as it moves. Readings are no events of the ledger, so that a page that
// shows a car keeps a line of its own open for as long as somebody looks at it.
import { useEffect, useState } from 'preact/hooks';
import { BASE } from './api';
import { EventParser } from './event-stream';
import { useResource, type Resource } from './resource';
import type { Car, CarWithHistory } from './car-shapes';
import * as sources from './sources';

const AGAIN_MS = 2_000;

/** The car with its history; what is live in it is replaced as the car moves. */
export function useCar(id: number): Resource<CarWithHistory> {
  const read = useResource(sources.car(id));
  const [moved, setMoved] = useState<Car | null>(null);
  useEffect(() => follow(id, setMoved), [id]);
  if (read.data === undefined || moved === null) return read;
  return { ...read, data: { ...read.data, ...moved } };
}

/** Calls `told` with each state of the car until the returned function is called. */
function follow(id: number, told: (car: Car) => void): () => void {
  const ending = new AbortController();
  void (async () => {
    while (!ending.signal.aborted) {
      try {
        await listen(id, told, ending.signal);
      } catch {
        // the network went away: the app's own line says so at the top of the screen
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  })();
  return () => ending.abort();
}

async function listen(id: number, told: (car: Car) => void, signal: AbortSignal): Promise<void> {
  const headers = { Accept: 'text/event-stream' };
  const answer = await fetch(`${BASE}/elevators/${id}/state/stream`, { headers, credentials: 'same-origin', cache: 'no-store', signal });
  if (!answer.ok || answer.body === null) return;
  const parser = new EventParser();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const event of parser.push(value)) if (event.kind === 'state') told(JSON.parse(event.data) as Car);
  }
}

/** How high the car stands, from 0 at the lowest floor to 1 at the highest; null where nobody knows. */
export function height(car: Car): number | null {
  const { floors, position } = car;
  if (floors === null || position === null || position.floor === null || floors.length < 2) return null;
  return floors.indexOf(position.floor) / (floors.length - 1);
}

/** Every how many floors a label fits beside the shaft. */
export function labelStep(floors: number): number {
  return Math.ceil(floors / 20);
}
