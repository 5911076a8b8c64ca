import { useLanguage } from '../language';
import { explain, type Failure } from '../problem';

interface RefusedProps {
  /** What the entry is of, for who hears the buttons instead of seeing where they stand. */
  readonly name: string;
  readonly why: Failure;
  readonly edit: () => void;
  readonly resend: () => void;
  readonly discard: () => void;
}

/** An entry that waits on this phone and that the server does not take: why, and what to do with it. */
export function Refused({ name, why, edit, resend, discard }: RefusedProps) {
  const { text } = useLanguage();
  const named = (word: string) => `${word}${text.colon}${name}`;
  return (
    <>
      <p class="fault">
        {text.round.refused}
        {text.colon}
        {explain(why, text)}
      </p>
      <div class="actions">
        <button type="button" class="button" aria-label={named(text.round.edit)} onClick={edit}>
          {text.round.edit}
        </button>
        <button type="button" class="button" aria-label={named(text.round.resend)} onClick={resend}>
          {text.round.resend}
        </button>
        <button type="button" class="button" aria-label={named(text.round.discard)} onClick={() => confirm(text.round.discardSure) && discard()}>
          {text.round.discard}
        </button>
      </div>
    </>
  );
}
