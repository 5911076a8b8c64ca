import { useState } from 'preact/hooks';
import { severities } from '../alarm';
import { now } from '../clock';
import { install, offered } from '../install';
import { useLanguage } from '../language';
import { choose, preferences } from '../preferences';
import { explain, failureOf, type Failure } from '../problem';
import { chooseLocale, logOut, may, session, type Scope } from '../session';
import type { Grade } from '../shapes';
import { zoneOf } from '../sources';
import { useStore } from '../store';
import { zoneName } from '../time';
import { Link } from '../ui/link';
import { Pane, Section } from '../ui/pane';
import { PushSection } from '../ui/push-section';
import { Segmented } from '../ui/segmented';
import { SeverityWord } from '../ui/severity';

const grades: readonly Grade[] = ['L', 'L~', 'O', 'P'];

export function MeScreen() {
  const { text, locale } = useLanguage();
  const { theme } = useStore(preferences);
  const state = useStore(session);
  const offer = useStore(offered);
  const [leaving, setLeaving] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [unsaved, setUnsaved] = useState<Failure | null>(null);
  if (state.phase !== 'in') return null;
  const { person } = state;
  const rights: readonly [Scope, string][] = [
    ['read:alarms', text.me.mayAlarms],
    ['write:alarms', text.me.mayAcknowledge],
    ['read:tickets', text.me.mayTickets],
    ['write:tickets', text.me.mayWork],
    ['read:plant', text.me.mayEquipment],
  ];

  async function leave(): Promise<void> {
    setLeaving(true);
    setFailure(null);
    try {
      await logOut();
    } catch (error) {
      setFailure(failureOf(error));
      setLeaving(false);
    }
  }

  return (
    <Pane
      name="me"
      title={person.name}
      under={
        <>
          <span>{text.role[person.role]}</span>
          <span class="minor">
            {person.username} · {person.on_duty ? text.me.onDuty : text.me.offDuty}
          </span>
        </>
      }
    >
      <Section title={text.me.language}>
        <Segmented
          label={text.me.language}
          name="language"
          value={locale}
          options={[
            { value: 'zh-CN', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
          choose={(value) => void chooseLocale(value).then(() => setUnsaved(null), (error: unknown) => setUnsaved(failureOf(error)))}
        />
      </Section>
      {unsaved !== null && (
        <p class="note" role="alert">
          {text.me.onlyHere} {explain(unsaved, text)}
        </p>
      )}
      <Section title={text.me.theme}>
        <Segmented
          label={text.me.theme}
          name="theme"
          value={theme}
          options={[
            { value: 'system', label: text.me.themeSystem },
            { value: 'light', label: text.me.themeLight },
            { value: 'dark', label: text.me.themeDark },
          ]}
          choose={(value) => choose({ theme: value })}
        />
      </Section>
      <PushSection />
      <Section title={text.ways.title}>
        <p class="minor">{text.ways.whatShort}</p>
        <Link href="/channels" class="button">
          {text.ways.open}
        </Link>
      </Section>
      {may(state, 'read:alarms') && (
        <Section title={text.shifts.title}>
          <p class="minor">{text.shifts.what}</p>
          <Link href="/duty" class="button">
            {text.shifts.open}
          </Link>
        </Section>
      )}
      {offer !== null && (
        <Section title={text.me.install}>
          <p class="minor">{text.me.installMore}</p>
          <button type="button" class="button" onClick={() => void install()}>
            {text.me.installAction}
          </button>
        </Section>
      )}
      <Section title={text.me.may}>
        <p>
          {rights
            .filter(([scope]) => may(state, scope))
            .map(([, words]) => words)
            .join(' · ')}
        </p>
      </Section>
      {may(state, 'read:alarms') && (
        <Section title={text.report.title}>
          <p class="minor">{text.report.what}</p>
          <Link href="/report" class="button">
            {text.report.open}
          </Link>
        </Section>
      )}
      {may(state, 'read:alarms') && (
        <Section title={text.windows.title}>
          <p class="minor">{text.windows.what}</p>
          <Link href="/windows" class="button">
            {text.windows.open}
          </Link>
        </Section>
      )}
      {may(state, 'read:rules') && (
        <Section title={text.rules.title}>
          <p class="minor">{text.rules.what}</p>
          <Link href="/rules" class="button">
            {text.rules.open}
          </Link>
        </Section>
      )}
      {may(state, 'read:ingest') && (
        <Section title={text.ingest.title}>
          <p class="minor">{text.ingest.what}</p>
          <Link href="/ingest" class="button">
            {text.ingest.open}
          </Link>
        </Section>
      )}
      {may(state, 'read:tests') && (
        <Section title={text.lifts.title}>
          <p class="minor">{text.lifts.what}</p>
          <Link href="/lifts" class="button">
            {text.lifts.open}
          </Link>
        </Section>
      )}
      {may(state, 'read:costs') && (
        <Section title={text.budget.title}>
          <p class="minor">{text.budget.what}</p>
          <Link href="/budget" class="button">
            {text.budget.open}
          </Link>
        </Section>
      )}
      {may(state, 'read:tests') && (
        <Section title={text.scores.title}>
          <p class="minor">{text.scores.what}</p>
          <Link href="/scorecards" class="button">
            {text.scores.open}
          </Link>
        </Section>
      )}
      <Section title={text.me.legend}>
        <p class="minor">{text.me.legendSeverity}</p>
        <ul class="legend">
          {severities.map((severity) => (
            <li key={severity}>
              <SeverityWord severity={severity} />
            </li>
          ))}
          <li>
            <SeverityWord severity={null} />
          </li>
        </ul>
        <p class="minor">{text.me.legendBasis}</p>
        <dl class="facts">
          {grades.map((grade) => (
            <div key={grade}>
              <dt>{grade}</dt>
              <dd>{text.gradeLong[grade]}</dd>
            </div>
          ))}
        </dl>
        <p class="minor">{text.me.times(zoneName(now(), locale, zoneOf(null)))}</p>
      </Section>
      <div class="section">
        {failure !== null && (
          <p class="fault" role="alert">
            {explain(failure, text)}
          </p>
        )}
        <button type="button" class="button large" disabled={leaving} onClick={() => void leave()}>
          {leaving ? text.me.loggingOut : text.me.logOut}
        </button>
      </div>
    </Pane>
  );
}
