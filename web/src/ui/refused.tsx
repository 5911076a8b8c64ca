import { useLanguage } from '../language';
import { explain, type Failure } from '../problem';

interface RefusedProps {
  readonly why: Failure;
  readonly edit: () => void;
  readonly resend: () => void;
  readonly discard: () => void;
}

/** An entry that waits on this phone and that the server does not take: why, and what to do with it. */
export function Refused({ why, edit, resend, discard }: RefusedProps) {
  const { text } = useLanguage();
  return (
    <>
      <p class="fault">
        {text.round.refused}
        {text.colon}
        {explain(why, text)}
      </p>
      <div class="actions">
        <button type="button" class="button" onClick={edit}>
          {text.round.edit}
        </button>
        <button type="button" class="button" onClick={resend}>
          {text.round.resend}
        </button>
        <button type="button" class="button" onClick={() => confirm(text.round.discardSure) && discard()}>
          {text.round.discard}
        </button>
      </div>
    </>
  );
}
