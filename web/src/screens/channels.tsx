import { useState } from 'preact/hooks';
import { api } from '../api';
import { useLanguage } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import { touch, useResource } from '../resource';
import { may, session } from '../session';
import type { Channel, Notice } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { word } from '../text';
import { Pane, Section } from '../ui/pane';
import { Segmented } from '../ui/segmented';
import { Sheet, SheetActions } from '../ui/sheet';
import { Empty, Listing, SkeletonRows } from '../ui/states';

const LOOK_MS = 700;
const LOOKS = 20;
const everybody = ['wecom', 'dingtalk', 'feishu', 'bark', 'ntfy', 'schan'] as const;
const byAdmins = ['mail', 'webhook', 'other'] as const;
type Service = (typeof everybody)[number] | (typeof byAdmins)[number];

/** By which ways somebody is told, beside push to the phone: add one, try it, switch it off. */
export function ChannelsScreen() {
  const { text } = useLanguage();
  const state = useStore(session);
  const channels = useResource(sources.channels);
  const [adding, setAdding] = useState(false);
  const me = state.phase === 'in' ? state.person.id : null;
  const manages = may(state, 'write:people');
  return (
    <Pane
      name="channels"
      title={text.ways.title}
      under={<span class="minor">{text.ways.what}</span>}
      backTo="/me"
      action={
        <button type="button" class="button large primary" onClick={() => setAdding(true)}>
          {text.ways.add}
        </button>
      }
    >
      <Listing of={channels} loading={text.states.loading} skeleton={<SkeletonRows count={2} />}>
        {(data) => {
          const used = data.filter((each) => each.enabled);
          const mine = used.filter((each) => each.person_id === me);
          const others = used.filter((each) => each.person_id !== me);
          const off = data.filter((each) => !each.enabled);
          return (
            <>
              {mine.length === 0 ? <Empty>{text.ways.none}</Empty> : <Rows channels={mine} />}
              {mine.length === 1 && <p class="note">{text.ways.one}</p>}
              {others.length > 0 && (
                <Section title={text.ways.others} aside={others.length}>
                  <Rows channels={others} />
                </Section>
              )}
              {off.length > 0 && (
                <Section title={text.ways.off} aside={off.length}>
                  <Rows channels={off} />
                </Section>
              )}
            </>
          );
        }}
      </Listing>
      {adding && me !== null && <AddSheet me={me} manages={manages} close={() => setAdding(false)} />}
    </Pane>
  );
}

function Rows({ channels }: { readonly channels: readonly Channel[] }) {
  return (
    <ul class="rows">
      {channels.map((each) => (
        <Row key={each.id} channel={each} />
      ))}
    </ul>
  );
}

function Row({ channel }: { readonly channel: Channel }) {
  const { text } = useLanguage();
  const state = useStore(session);
  const people = useResource(may(state, 'read:people') ? sources.people : null).data ?? [];
  const [busy, setBusy] = useState(false);
  const [words, setWords] = useState('');
  const [failure, setFailure] = useState<Failure | null>(null);
  const me = state.phase === 'in' ? state.person.id : null;
  const owner = channel.person_id === null ? text.ways.system : people.find((each) => each.id === channel.person_id)?.name;

  async function act(step: () => Promise<string>): Promise<void> {
    setBusy(true);
    setWords('');
    setFailure(null);
    try {
      setWords(await step());
    } catch (error) {
      setFailure(failureOf(error));
    }
    setBusy(false);
  }

  async function turn(enabled: boolean): Promise<string> {
    await api.changeChannel(channel, { enabled });
    touch('channels');
    return '';
  }

  async function attempt(): Promise<string> {
    setWords(text.ways.sending);
    const became = await followed(channel.id, await api.testChannel(channel.id));
    if (became.state === 'failed') return text.ways.failed(became.error ?? '');
    if (became.state === 'queued' && became.error !== null) return text.ways.waiting(became.error);
    return word(text.ways.result, became.state) ?? became.state;
  }

  return (
    <li class="report-row">
      <strong>{nameOf(channel, text.ways.kind)}</strong>
      <p class="minor">
        {channel.person_id !== me && owner !== undefined && `${owner} · `}
        {text.ways.order(channel.preference)}
        {channel.kind === 'webhook' && ` · ${channel.address}`}
      </p>
      {channel.ended !== null && <p class="minor">{text.ways.ended(channel.ended)}</p>}
      <p role="status">{words}</p>
      {failure !== null && (
        <p class="fault" role="alert">
          {explain(failure, text)}
        </p>
      )}
      {channel.enabled ? (
        <div class="actions">
          <button type="button" class="button" disabled={busy} onClick={() => void act(attempt)}>
            {text.ways.test}
          </button>
          <button type="button" class="button" disabled={busy} onClick={() => confirm(text.ways.removeSure) && void act(() => turn(false))}>
            {text.ways.remove}
          </button>
        </div>
      ) : (
        channel.kind !== 'web_push' && (
          <div class="actions">
            <button type="button" class="button" disabled={busy} onClick={() => void act(() => turn(true))}>
              {text.ways.again}
            </button>
          </div>
        )
      )}
    </li>
  );
}

function nameOf(channel: Channel, kinds: Readonly<Record<string, string>>): string {
  const scheme = channel.kind === 'apprise' ? channel.address.split(':')[0]! : channel.kind;
  return word(kinds, scheme) ?? scheme;
}

/** What became of a test: looked at for a while, since no event tells. */
async function followed(channel: number, test: Notice): Promise<Notice> {
  let found = test;
  for (let look = 0; look < LOOKS && found.state === 'queued'; look += 1) {
    await new Promise((done) => setTimeout(done, LOOK_MS));
    found = await api.channelTest(channel, test.id);
  }
  return found;
}

function AddSheet({ me, manages, close }: { readonly me: number; readonly manages: boolean; readonly close: () => void }) {
  const { text } = useLanguage();
  const people = useResource(manages ? sources.people : null).data ?? [];
  const [service, setService] = useState<Service>('wecom');
  const [address, setAddress] = useState('');
  const [order, setOrder] = useState('2');
  const [whose, setWhose] = useState(String(me));
  const [missing, setMissing] = useState(false);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const services: readonly Service[] = manages ? [...everybody, ...byAdmins] : everybody;

  async function send(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const written = address.trim();
    setMissing(written === '');
    if (written === '' || sending) return;
    setSending(true);
    setFailure(null);
    try {
      const made = await api.addChannel({ kind: service === 'webhook' ? 'webhook' : 'apprise', address: written, person_id: whose === '' ? null : Number(whose), preference: Number(order) });
      touch('channels');
      if (made.secret === null) close();
      else setSecret(made.secret);
    } catch (error) {
      setFailure(failureOf(error));
    }
    setSending(false);
  }

  if (secret !== null) {
    return (
      <Sheet title={text.ways.add} close={close}>
        <p>{text.ways.secret}</p>
        <p class="code wrapped">{secret}</p>
        <button type="button" class="button large primary" onClick={close}>
          {text.ways.done}
        </button>
      </Sheet>
    );
  }
  return (
    <Sheet title={text.ways.add} close={close}>
      <form onSubmit={(event) => void send(event)} noValidate>
        <label class="field">
          <span>{text.ways.service}</span>
          <select value={service} onChange={(event) => setService(event.currentTarget.value as Service)}>
            {services.map((each) => (
              <option key={each} value={each}>
                {text.ways.services[each]}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{text.ways.address}</span>
          <input value={address} inputMode="url" autocapitalize="none" autocomplete="off" spellcheck={false} aria-invalid={missing} onInput={(event) => setAddress(event.currentTarget.value)} />
        </label>
        <p class={missing ? 'fault' : 'minor'}>{missing ? text.ticket.required : text.ways.hint[service]}</p>
        {manages && (
          <label class="field">
            <span>{text.ways.whose}</span>
            <select value={whose} onChange={(event) => setWhose(event.currentTarget.value)}>
              {people.map((each) => (
                <option key={each.id} value={String(each.id)}>
                  {each.name}
                </option>
              ))}
              <option value="">{text.ways.nobody}</option>
            </select>
          </label>
        )}
        <div class="field">
          <span>{text.ways.orderLabel}</span>
          <Segmented label={text.ways.orderLabel} name="order" value={order} options={['1', '2', '3'].map((value) => ({ value, label: value }))} choose={setOrder} />
        </div>
        <p class="minor">{text.ways.orderHint}</p>
        {!manages && <p class="minor">{text.ways.ask}</p>}
        {failure !== null && (
          <p class="fault" role="alert">
            {explain(failure, text)}
          </p>
        )}
        <SheetActions action={sending ? text.ticket.sending : text.ways.save} close={close} disabled={sending} />
      </form>
    </Sheet>
  );
}
