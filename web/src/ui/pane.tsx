import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useLanguage } from '../language';
import { back } from '../route';
import { Icon } from './icon';

interface PaneProps {
  /** Names this pane for its place in memory: where it was scrolled to. */
  readonly name: string;
  readonly title: ComponentChildren;
  /** Smaller words under or beside the title. */
  readonly under?: ComponentChildren;
  /** Where the way back leads when the app was opened on this very page; undefined for a page of the menu. */
  readonly backTo?: string;
  /** Stays below the thumb. */
  readonly action?: ComponentChildren;
  /** For plans and tables that use all the width there is; text stays within a column that can be read. */
  readonly broad?: boolean;
  readonly children: ComponentChildren;
}

const scrolled = new Map<string, number>();

/** One column of the screen: title, content, and the main action within reach of the thumb. */
export function Pane({ name, title, under, backTo, action, broad = false, children }: PaneProps) {
  const { text } = useLanguage();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    element.scrollTop = scrolled.get(name) ?? 0;
    const remember = (): void => void scrolled.set(name, element.scrollTop);
    element.addEventListener('scroll', remember, { passive: true });
    return () => element.removeEventListener('scroll', remember);
  }, [name]);
  return (
    <div class={`pane${broad ? ' is-broad' : ''}`} ref={box}>
      <header class="pane-head">
        {backTo !== undefined && (
          <button type="button" class="icon-button" aria-label={text.nav.back} onClick={() => back(backTo)}>
            <Icon name="back" />
          </button>
        )}
        <div class="pane-title">
          <h1 tabIndex={-1}>{title}</h1>
          {under !== undefined && <div class="pane-under">{under}</div>}
        </div>
      </header>
      <div class="pane-body">{children}</div>
      {action !== undefined && <footer class="pane-action">{action}</footer>}
    </div>
  );
}

export function Section({ title, aside, children }: { readonly title: string; readonly aside?: ComponentChildren; readonly children: ComponentChildren }) {
  return (
    <section class="section">
      <h2 class="section-title">
        <span>{title}</span>
        {aside !== undefined && <span class="section-aside">{aside}</span>}
      </h2>
      {children}
    </section>
  );
}
