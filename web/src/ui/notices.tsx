import { useLanguage } from '../language';
import type { Notice } from '../shapes';
import { word } from '../text';
import { MomentButton } from './moment';

/** Who was told of it, by which channel, and whether it got through. */
export function Notices({ notices, siteId }: { readonly notices: readonly Notice[]; readonly siteId: number }) {
  const { text } = useLanguage();
  if (notices.length === 0) return <p class="minor">{text.alarm.nobodyTold}</p>;
  return (
    <ul class="notices">
      {notices.map((notice) => (
        <li key={notice.id} class={notice.state}>
          <MomentButton at={notice.sent_at ?? notice.created_at} siteId={siteId} />
          <div>
            <span class="ledger-kind">{notice.person?.name ?? text.notice.everyone}</span>{' '}
            <span class="minor">{word(text.channel, notice.channel) ?? notice.channel}</span>
            <p class={notice.state === 'failed' ? 'notice-failed' : 'minor'}>
              {word(text.noticeState, notice.state) ?? notice.state}
              {notice.attempts > 1 && ` · ${text.notice.attempts(notice.attempts)}`}
              {notice.error !== null && ` · ${notice.error}`}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
