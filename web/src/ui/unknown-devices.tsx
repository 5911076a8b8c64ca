import { useState } from 'preact/hooks';
import { useLanguage } from '../language';
import type { Resource } from '../resource';
import { may, session } from '../session';
import type { UnknownDevice } from '../shapes';
import { useStore } from '../store';
import { AdoptSheet } from './adopt-sheet';
import { Ago } from './moment';
import { Empty, Listing, SkeletonRows } from './states';

/** Who speaks without being known, to be added with what it has sent. */
export function UnknownDevices({ unknown }: { readonly unknown: Resource<UnknownDevice[]> }) {
  const { text, locale } = useLanguage();
  const [chosen, setChosen] = useState<UnknownDevice | null>(null);
  const [replayed, setReplayed] = useState<number | null>(null);
  const mayAdopt = may(useStore(session), 'write:plant');
  return (
    <>
      <p role="status" class={replayed === null ? 'sr-only' : 'note'}>
        {replayed === null ? '' : text.ingest.adopted(replayed)}
      </p>
      <Listing
        of={unknown}
        loading={text.ingest.loading}
        skeleton={<SkeletonRows count={3} />}
        isEmpty={(data) => data.length === 0}
        empty={<Empty title={text.ingest.noUnknown}>{text.ingest.noUnknownMore}</Empty>}
      >
        {(data) => (
          <ul class="rows">
            {data.map((each) => (
              <li key={each.id} class="plain-row">
                <strong class="cut">{each.device}</strong>
                <span class="plain-row-side minor">
                  <Ago at={each.last_seen_at} />
                </span>
                <span class="cut">{each.keys.map((key) => `${key.key} ${key.value.toLocaleString(locale)}`).join(' · ')}</span>
                <span class="minor cut">
                  {text.ingest.heard(each.messages)} · {each.topic}
                </span>
                {mayAdopt && (
                  <button type="button" class="button" onClick={() => setChosen(each)}>
                    {text.ingest.adopt}
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Listing>
      {chosen !== null && (
        <AdoptSheet
          device={chosen}
          close={() => setChosen(null)}
          done={(count) => {
            setChosen(null);
            setReplayed(count);
            unknown.reload();
          }}
        />
      )}
    </>
  );
}
