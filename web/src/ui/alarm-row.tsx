import { isDuty, nearPlace } from '../alarm';
import { pendings } from '../acknowledge';
import { useLanguage } from '../language';
import { isCoded, limitWords, quantity, tied } from '../quantity';
import type { Alarm } from '../shapes';
import { useManySites } from '../sources';
import { useStore } from '../store';
import { AcknowledgeButton } from './acknowledge-button';
import { Link } from './link';
import { Lasting, Moment } from './moment';
import { SeverityWord } from './severity';

interface Props {
  readonly alarm: Alarm;
  /** On the page of its own equipment the name need not be said again. */
  readonly withPlace?: boolean;
}

/** One alarm in a list: how bad, how long, what, where, and the tap that takes it. */
export function AlarmRow({ alarm, withPlace = true }: Props) {
  const { text, locale, say } = useLanguage();
  const pending = useStore(pendings).has(alarm.id);
  const manySites = useManySites();
  const { point } = alarm;
  const limit = isDuty(alarm) ? null : alarm.limit;
  return (
    <li class={`alarm-row ${alarm.severity} ${alarm.state}${pending ? ' is-pending' : ''}`}>
      <div class="alarm-row-top">
        <SeverityWord severity={alarm.severity} state={alarm.state} />
        {alarm.life_safety && <span class="tag">{text.now.lifeSafety}</span>}
        {alarm.quiet !== null && <span class="tag">{text.quiet.short[alarm.quiet]}</span>}
        <span class="alarm-row-age">
          {alarm.returned_at === null ? <Lasting since={alarm.raised_at} /> : <Lasting since={alarm.returned_at} words={text.now.returned} />}
        </span>
      </div>
      <Link href={`/alarms/${alarm.id}`} class="row-link">
        {withPlace ? `${say(alarm.equipment.name)}${text.colon}${say(alarm.title)}` : say(alarm.title)}
      </Link>
      <p class="alarm-row-value">
        <strong>
          {isCoded(point) || alarm.limit === null ? `${say(point.name)}${text.colon}` : ''}
          {limit === null ? tied(say(alarm.seen)) : quantity(alarm.value, point, text, locale)}
        </strong>{' '}
        <span class="minor">
          {limit !== null && limitWords(limit, point, text, locale)}
          {limit !== null && limit.basis !== null && <abbr title={text.gradeLong[limit.basis.grade]}> ({limit.basis.grade})</abbr>}
          {alarm.raise_count > 1 && (
            <>
              {' · '}
              <span class="keep">{text.now.again(alarm.raise_count)}</span>
            </>
          )}
        </span>
      </p>
      {alarm.acknowledged && alarm.acknowledged_by !== null && alarm.acknowledged_at !== null && (
        <p class="minor">
          {text.alarm.acknowledgedBy(alarm.acknowledged_by.name)} <Moment at={alarm.acknowledged_at} siteId={alarm.site.id} />
        </p>
      )}
      <div class="alarm-row-foot">
        {withPlace && <span class="minor">{nearPlace(say(alarm.place), manySites)}</span>}
        <AcknowledgeButton alarm={alarm} />
      </div>
    </li>
  );
}
