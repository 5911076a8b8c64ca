import { useState } from 'preact/hooks';
import { inOrder, nearPlace } from '../alarm';
import { useLanguage } from '../language';
import { useResource } from '../resource';
import { navigate, place } from '../route';
import { may, session } from '../session';
import type { Device, Equipment, Point } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { word } from '../text';
import { byUrgency } from '../ticket';
import { AlarmRow } from '../ui/alarm-row';
import { CarSections } from '../ui/car';
import { CarLedger } from '../ui/car-ledger';
import { Chart } from '../ui/chart';
import { Ago, MomentButton } from '../ui/moment';
import { ElevatorParts } from '../ui/elevator-parts';
import { EquipmentUpkeep, ServiceDates, StartCheck } from '../ui/equipment-upkeep';
import { Pane, Section } from '../ui/pane';
import { PointRow } from '../ui/point-row';
import { ReportSheet } from '../ui/report-sheet';
import { ResidentLabels } from '../ui/resident-labels';
import { SeverityWord } from '../ui/severity';
import { Listing, SkeletonPage, SkeletonRows } from '../ui/states';
import { TechnicalFiles } from '../ui/technical-files';
import { TicketRow } from '../ui/ticket-row';

export function EquipmentScreen({ id }: { readonly id: number }) {
  const { text, say } = useLanguage();
  const equipment = useResource(sources.equipment(id));
  const state = useStore(session);
  const [reporting, setReporting] = useState(false);
  const { data } = equipment;
  const report =
    data !== undefined && may(state, 'write:tickets') ? (
      <>
        {may(state, 'write:tests') && <StartCheck equipment={data} />}
        <button type="button" class="button large" onClick={() => setReporting(true)}>
          {text.equipment.report}
        </button>
        {reporting && <ReportSheet equipment={data} close={() => setReporting(false)} />}
      </>
    ) : undefined;
  return (
    <Pane
      name={`equipment/${id}`}
      title={data === undefined ? text.equipment.title : say(data.name)}
      under={
        data !== undefined && (
          <>
            <SeverityWord severity={data.worst_severity} />
            <span class="minor">
              {nearPlace(say(data.place))} · {data.code}
            </span>
          </>
        )
      }
      backTo="/equipment"
      {...(report === undefined ? {} : { action: report })}
    >
      <Listing of={equipment} loading={text.equipment.loading} skeleton={<SkeletonPage />}>
        {(found) => <Facts equipment={found} />}
      </Listing>
    </Pane>
  );
}

function Facts({ equipment }: { readonly equipment: Equipment }) {
  const { text, say } = useLanguage();
  const { path, query } = useStore(place);
  const state = useStore(session);
  const points = useResource(sources.points(equipment.id));
  const alarms = useResource(may(state, 'read:alarms') ? sources.equipmentAlarms(equipment.id) : null);
  const repairs = useResource(may(state, 'read:tickets') ? sources.equipmentTickets(equipment.id) : null);
  const devices = useResource(sources.devices(equipment.id));
  const kinds = useResource(sources.kinds);
  const kind = kinds.data?.find((each) => each.code === equipment.kind);
  const chosen = Number(query.get('point'));
  const choose = (point: Point): void => navigate(point.id === chosen ? path : `${path}?point=${point.id}`, 'replace');
  const live = inOrder(alarms.data ?? []);
  const own = byUrgency(repairs.data ?? []);
  const lift = equipment.kind === 'elevator';
  const tickets = own.length > 0 && (
    <Section title={text.equipment.tickets} aside={own.length}>
      <ul class="rows">
        {own.map((ticket) => (
          <TicketRow key={ticket.id} ticket={ticket} withPlace={false} />
        ))}
      </ul>
    </Section>
  );
  const measured = (
    <Section title={text.equipment.points}>
      <Listing
        of={points}
        loading={text.states.loading}
        skeleton={<SkeletonRows count={4} />}
        isEmpty={(data) => data.length === 0}
        empty={<p class="minor">{text.equipment.noPoints}</p>}
      >
        {(data) => (
          <ul class="points">
            {data.map((point) => (
              <PointRow key={point.id} point={point} chosen={point.id === chosen} choose={() => choose(point)}>
                {point.id === chosen && <Chart point={point} period={point.report_period_s} limits={point.limits} siteId={equipment.site_id} />}
              </PointRow>
            ))}
          </ul>
        )}
      </Listing>
    </Section>
  );

  return (
    <div class="equipment-page">
      {alarms.data !== undefined && alarms.data.length > 0 && (
        <Section title={text.equipment.live} aside={alarms.data.length}>
          <ul class="rows">
            {[...live.unacknowledged, ...live.acknowledged, ...live.returned].map((alarm) => (
              <AlarmRow key={alarm.id} alarm={alarm} withPlace={false} />
            ))}
          </ul>
        </Section>
      )}

      {lift && <CarSections id={equipment.id} siteId={equipment.site_id} />}

      {lift && tickets}

      {lift && may(state, 'read:tests') && <CarLedger id={equipment.id} siteId={equipment.site_id} />}

      {!lift && measured}

      {may(state, 'read:tests') && <EquipmentUpkeep equipment={equipment} />}

      {may(state, 'read:plant') && <ServiceDates equipment={equipment} />}

      {lift && may(state, 'read:tests') && <ElevatorParts id={equipment.id} />}

      {may(state, 'read:tests') && <TechnicalFiles equipment={equipment} />}

      {lift ? measured : tickets}

      {may(state, 'write:plant') && <ResidentLabels equipment={equipment} />}

      <Section title={text.equipment.details}>
        <dl class="facts">
          <div>
            <dt>{text.equipment.kind}</dt>
            <dd>
              {kind === undefined ? equipment.kind : say(kind.name)}
              {kind?.life_safety === true && ` · ${text.equipment.lifeSafety}`}
            </dd>
          </div>
          <div>
            <dt>{text.equipment.code}</dt>
            <dd>{equipment.code}</dd>
          </div>
          {(devices.data ?? []).map((device) => (
            <div key={device.id}>
              <dt>{text.equipment.device}</dt>
              <dd>
                <DeviceState device={device} />
              </dd>
            </div>
          ))}
          {plain(equipment.attributes).map(([name, value]) => (
            <div key={name}>
              <dt>{word(text.attribute, name) ?? name}</dt>
              <dd>{word(text.attributeValue, value) ?? value}</dd>
            </div>
          ))}
        </dl>
      </Section>
    </div>
  );
}

function DeviceState({ device }: { readonly device: Device }) {
  const { text } = useLanguage();
  return (
    <>
      {device.code} · {text.equipment[device.state]}
      {device.state === 'offline' && device.state_at !== null && (
        <>
          {' '}
          (<MomentButton at={device.state_at} siteId={device.site_id} />)
        </>
      )}
      <span class="minor">
        {' · '}
        {device.last_seen_at === null ? text.equipment.never : <Ago at={device.last_seen_at} />}
      </span>
    </>
  );
}

// Free attributes of a kind: those that are a single word or number are shown as they were entered.
function plain(attributes: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(attributes).flatMap(([name, value]) => (typeof value === 'string' || typeof value === 'number' ? [[name, String(value)] as [string, string]] : []));
}
