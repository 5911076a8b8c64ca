import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useNow } from '../clock';
import { useLanguage } from '../language';
import { choose } from '../preferences';
import { explain, failureOf, type Failure } from '../problem';
import { logIn } from '../session';
import { Glyph } from '../ui/severity';
import { Segmented } from '../ui/segmented';

/** `expired`: the person was working here a moment ago, and comes back to the same page. */
export function LoginScreen({ expired }: { readonly expired: boolean }) {
  const { text, locale } = useLanguage();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const [sending, setSending] = useState(false);
  const [fault, setFault] = useState<Failure | 'missing' | null>(null);
  const [blockedUntil, setBlockedUntil] = useState(0);
  const now = useNow();
  const wait = Math.ceil((blockedUntil - now) / 1000);
  const first = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => first.current?.focus(), []);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (sending || wait > 0) return;
    if (username.trim() === '' || password === '') {
      setFault('missing');
      return;
    }
    setSending(true);
    setFault(null);
    try {
      await logIn(username.trim(), password);
    } catch (error) {
      const failure = failureOf(error);
      setFault(failure);
      if (failure.kind === 'refused' && failure.status === 429) setBlockedUntil(now + (failure.retryAfter ?? 30) * 1000);
      if (failure.kind === 'refused' && failure.status === 401) setPassword('');
      first.current?.focus();
    }
    setSending(false);
  }

  function words(): string | null {
    if (fault === null) return null;
    if (fault === 'missing') return text.login.missing;
    if (fault.kind === 'refused' && fault.status === 401) return text.login.wrong;
    if (fault.kind === 'refused' && fault.status === 429) return wait > 0 ? text.login.wait(wait) : null;
    return explain(fault, text);
  }

  return (
    <main id="main" class="login">
      <div class="login-inside">
        <div class="login-brand">
          <Glyph severity={null} />
          <h1>{text.app.name}</h1>
        </div>
        {expired && fault === null && <p class="note">{text.login.expired}</p>}
        <form onSubmit={(event) => void submit(event)} noValidate>
          <p id={`${id}-fault`} class={words() === null ? 'sr-only' : 'fault'} role="alert">
            {words()}
          </p>
          <label class="field">
            <span>{text.login.username}</span>
            <input
              ref={first}
              name="username"
              value={username}
              autocomplete="username"
              autocapitalize="none"
              spellcheck={false}
              aria-describedby={`${id}-fault`}
              onInput={(event) => setUsername(event.currentTarget.value)}
            />
          </label>
          <label class="field">
            <span>{text.login.password}</span>
            <input
              name="password"
              {...(shown ? { type: 'text' } : { type: 'password' })}
              value={password}
              autocomplete="current-password"
              aria-describedby={`${id}-fault`}
              onInput={(event) => setPassword(event.currentTarget.value)}
            />
          </label>
          <button type="button" class="button quiet" aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? text.login.hide : text.login.show}
          </button>
          <button type="submit" class="button primary large" disabled={wait > 0}>
            {wait > 0 ? text.login.waitButton(wait) : sending ? text.login.sending : text.login.submit}
          </button>
        </form>
        <Segmented
          label={text.me.language}
          name="language"
          value={locale}
          options={[
            { value: 'zh-CN', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
          choose={(value) => choose({ locale: value })}
        />
      </div>
    </main>
  );
}
