import { nearPlace } from '../alarm';
import { fileAt, photoAt } from '../api';
import { useLanguage } from '../language';
import { useResource } from '../resource';
import { navigate } from '../route';
import { may, session } from '../session';
import * as sources from '../sources';
import { useStore } from '../store';
import { Pane } from '../ui/pane';
import { CheckEntry } from '../ui/check-entry';
import { Listing, SkeletonPage } from '../ui/states';
import { PassedWord } from '../ui/verdicts';

/** One entry as it stands in the ledger. */
export function CheckScreen({ id }: { readonly id: number }) {
  const { text, say } = useLanguage();
  const state = useStore(session);
  const check = useResource(sources.check(id));
  const { data } = check;
  return (
    <Pane
      name={`checks/${id}`}
      title={data === undefined ? text.check.title : say(data.form_name)}
      under={
        data !== undefined && (
          <>
            <PassedWord passed={data.passed} />
            <span class="minor">
              {nearPlace(say(data.equipment.name))} · {data.equipment.code} · {text.check.entry(data.id)}
            </span>
          </>
        )
      }
      backTo="/round"
      action={
        data !== undefined &&
        data.corrected_by === null &&
        may(state, 'write:tests') && (
          <button type="button" class="button large" onClick={() => navigate(`/equipment/${data.equipment.id}/check/${data.form}?corrects=${data.id}`)}>
            {text.check.correct}
          </button>
        )
      }
    >
      <Listing of={check} loading={text.states.loading} skeleton={<SkeletonPage />}>
        {(found) => (
          <CheckEntry
            check={found}
            zone={sources.zoneOf(found.site_id)}
            photo={photoAt}
            file={fileAt}
            linked
          />
        )}
      </Listing>
    </Pane>
  );
}
