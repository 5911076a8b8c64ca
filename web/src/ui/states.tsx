import type { ComponentChildren } from 'preact';
import { now } from '../clock';
import { connection } from '../live';
import { offlineSince } from '../connection';
import { useLanguage } from '../language';
import { explain, type Failure } from '../problem';
import type { Resource } from '../resource';
import { zoneOf } from '../sources';
import { useStore } from '../store';
import { clock } from '../time';

interface ListingProps<T> {
  readonly of: Resource<T>;
  /** Said while there is nothing to show yet. */
  readonly loading: string;
  readonly skeleton: ComponentChildren;
  readonly isEmpty?: (data: T) => boolean;
  readonly empty?: ComponentChildren;
  readonly children: (data: T) => ComponentChildren;
}

/** The four states of anything that is read from the server: loading, empty, failed or offline, and there. */
export function Listing<T>({ of, loading, skeleton, isEmpty, empty, children }: ListingProps<T>) {
  const { data, failure, at } = of;
  if (data === undefined) {
    if (failure !== undefined) return <Failed failure={failure} retry={of.reload} />;
    return (
      <div class="loading" role="status">
        <p class="loading-words">{loading}</p>
        <div aria-hidden="true">{skeleton}</div>
      </div>
    );
  }
  return (
    <>
      {failure !== undefined && at !== undefined && <AsOf failure={failure} at={at} retry={of.reload} />}
      {isEmpty?.(data) === true ? empty : children(data)}
    </>
  );
}

export function Failed({ failure, retry }: { readonly failure: Failure; readonly retry: () => void }) {
  const { text, locale } = useLanguage();
  const since = offlineSince(useStore(connection), now());
  const offline = failure.kind === 'unreachable' && since !== null;
  return (
    <div class="blank" role="alert">
      <h2>{text.states.failed}</h2>
      <p>{offline ? text.states.offlineEmpty(clock(since, now(), locale, zoneOf(null))) : explain(failure, text)}</p>
      <button type="button" class="button" onClick={retry}>
        {text.states.retry}
      </button>
    </div>
  );
}

/** What is shown is old: says of when, why, and what to do. */
function AsOf({ failure, at, retry }: { readonly failure: Failure; readonly at: number; readonly retry: () => void }) {
  const { text, locale } = useLanguage();
  return (
    <div class="as-of" role="status">
      <p>
        {explain(failure, text)} {text.states.asOf(clock(at, now(), locale, zoneOf(null)))}
      </p>
      <button type="button" class="button quiet" onClick={retry}>
        {text.states.retry}
      </button>
    </div>
  );
}

/** Says what would be here. Without a title where the heading of the page has said it already. */
export function Empty({ title, children }: { readonly title?: string; readonly children?: ComponentChildren }) {
  return (
    <div class="blank">
      {title !== undefined && <h2>{title}</h2>}
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

/** Grey bars in the shape of what will come. */
export function SkeletonRows({ count, tall = false }: { readonly count: number; readonly tall?: boolean }) {
  return (
    <ul class={`skeleton-rows${tall ? ' tall' : ''}`}>
      {Array.from({ length: count }, (_, index) => (
        <li key={index}>
          <span class="bone short" />
          <span class="bone" />
          <span class="bone half" />
        </li>
      ))}
    </ul>
  );
}

export function SkeletonPage() {
  return (
    <div class="skeleton-page">
      <span class="bone short" />
      <span class="bone large" />
      <span class="bone" />
      <span class="bone half" />
      <span class="bone block" />
      <span class="bone half" />
      <span class="bone" />
    </div>
  );
}
