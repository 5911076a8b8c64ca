import { height, labelStep, useCar } from '../car';
import { useNow } from '../clock';
import { useLanguage } from '../language';
import { bareNumber, quantity } from '../quantity';
import type { Car, CarFault, CarMeasure, CarWithHistory, CodeName } from '../car-shapes';
import * as sources from '../sources';
import { clock, duration } from '../time';
import { Ago } from './moment';
import { Section } from './pane';
import { SeverityWord } from './severity';
import { Listing, SkeletonRows } from './states';

/** Where the car is, what it does, what it has counted, and its last faults. */
export function CarSections({ id, siteId }: { readonly id: number; readonly siteId: number }) {
  const { text } = useLanguage();
  const car = useCar(id);
  return (
    <>
      <Section title={text.car.title}>
        <Listing
          of={car}
          loading={text.car.loading}
          skeleton={<SkeletonRows count={4} />}
          isEmpty={(data) => data.heard_at === null}
          empty={<p class="minor">{text.car.unheard}</p>}
        >
          {(data) => <Live car={data} />}
        </Listing>
      </Section>
      {car.data !== undefined && car.data.counters.length > 0 && (
        <Section title={text.car.counters}>
          <Counters car={car.data} />
        </Section>
      )}
      {car.data !== undefined && car.data.heard_at !== null && (
        <Section title={text.car.faults}>
          <Faults faults={car.data.faults} siteId={siteId} />
        </Section>
      )}
    </>
  );
}

function Live({ car }: { readonly car: CarWithHistory }) {
  const { text, say } = useLanguage();
  const { position, car_status: motion, car_direction: direction, door_status: door, door_zone: zone, passenger_status: inside, service_mode: mode } = car;
  const named = (state: CodeName | null): string | null => (state === null ? null : state.name === null ? text.car.code(state.code) : say(state.name));
  const moving = motion?.meaning === 'moving';
  const arrow = moving ? ({ up: '▲', down: '▼' }[direction?.meaning ?? ''] ?? '') : '';
  const facts = [
    { name: text.car.mode, value: named(mode), odd: mode !== null && mode.meaning !== 'normal' },
    { name: text.car.motion, value: moving && direction !== null ? `${named(motion)} · ${named(direction)}` : named(motion), odd: false },
    { name: text.car.door, value: named(door), odd: moving && door?.meaning === 'open' },
    { name: text.car.zone, value: named(zone), odd: !moving && zone?.meaning === 'outside' },
    { name: text.car.inside, value: named(inside), odd: false },
  ];
  const [before, after] = text.car.floor.split('{}').map((words) => words.trim());
  return (
    <div class={`car${car.silent ? ' is-silent' : ''}`}>
      <Shaft car={car} />
      <div class="car-facts">
        <p class="car-floor">
          {before !== '' && <span class="car-unit">{before}</span>}
          {position === null ? '—' : (position.floor ?? String(position.value))}
          {after !== '' && <span class="car-unit">{after}</span>}
          {arrow !== '' && (
            <span class="car-arrow" aria-hidden="true">
              {arrow}
            </span>
          )}
        </p>
        <p class="minor">
          {car.silent && (
            <>
              <strong class="stale-words">{text.car.silent}</strong>{' · '}
            </>
          )}
          {car.heard_at !== null && <Ago at={car.heard_at} />}
        </p>
        {car.entrapment && (
          <p class="car-trapped" role="alert">
            <SeverityWord severity="critical" /> <strong>{text.car.trapped}</strong>
          </p>
        )}
        {car.fault !== null && !car.entrapment && (
          <p class="car-fault">
            <strong>{named(car.fault)}</strong> <span class="minor">{text.car.code(car.fault.code)}</span>
          </p>
        )}
        <dl class="car-list">
          {facts.map(
            ({ name, value, odd }) =>
              value !== null && (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd class={odd ? 'is-odd' : ''}>{value}</dd>
                </div>
              ),
          )}
        </dl>
      </div>
    </div>
  );
}

/** The shaft with its floors, the car at its height; its doors stand apart where they are open. */
function Shaft({ car }: { readonly car: Car }) {
  const { text } = useLanguage();
  const { floors, position } = car;
  if (floors === null) return null;
  const step = labelStep(floors.length);
  const at = height(car);
  const open = car.door_status?.meaning === 'open';
  const between = car.door_zone?.meaning === 'outside';
  const words = position === null || position.floor === null ? text.car.whereUnknown : text.car.where(position.floor, floors.length);
  return (
    <div class="shaft" role="img" aria-label={words}>
      <div class="shaft-well" style={`--floors:${floors.length}`}>
        {floors.map((floor, index) => (
          <span key={floor} class={`shaft-floor${floor === position?.floor ? ' is-here' : ''}`} style={`--at:${index}`}>
            {(index % step === 0 || index === floors.length - 1) && <span class="shaft-label">{floor}</span>}
          </span>
        ))}
        {at !== null && <span class={`shaft-car${open ? ' is-open' : ''}${between ? ' is-between' : ''}${car.entrapment ? ' is-trapped' : ''}`} style={`--at:${at * (floors.length - 1)}`} />}
      </div>
    </div>
  );
}

function Counters({ car }: { readonly car: CarWithHistory }) {
  const { text, locale, say } = useLanguage();
  // What is merely counted needs no unit: its name says what of.
  const amount = (of: CarMeasure, value: number): string => (of.unit === '1' ? bareNumber(value, of, locale) : quantity(value, { ...of, metric: '' }, text, locale));
  return (
    <dl class="car-counters">
      {[...car.counters, ...car.conditions].map((each) => {
        const grown = car.last_day[each.metric];
        return (
          <div key={each.metric}>
            <dt>{say(each.name)}</dt>
            <dd>
              <strong>{amount(each, each.value)}</strong>
              {grown !== undefined && <span class="minor">{text.car.lastDay(amount(each, grown))}</span>}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Faults({ faults, siteId }: { readonly faults: readonly CarFault[]; readonly siteId: number }) {
  const { text, locale, say } = useLanguage();
  const now = useNow();
  if (faults.length === 0) return <p class="minor">{text.car.noFaults}</p>;
  return (
    <ul class="rows">
      {faults.map((each) => {
        const began = Date.parse(each.began_at);
        return (
          <li key={each.began_at} class="task-row compact">
            <strong>{each.name === null ? text.car.unknownCode : say(each.name)}</strong>
            <span class={each.ended_at === null ? 'task-when late' : 'task-when'}>
              {each.ended_at === null ? text.car.stands(duration(now - began, text)) : text.car.lasted(duration(Date.parse(each.ended_at) - began, text))}
            </span>
            <span class="minor">
              {clock(began, now, locale, sources.zoneOf(siteId))} · {text.car.code(each.code)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
