import type { ComponentChildren } from 'preact';
import { navigate, place } from '../route';
import { useStore } from '../store';

interface LinkProps {
  readonly href: string;
  readonly class?: string;
  readonly label?: string;
  readonly children: ComponentChildren;
}

/** A real link, so that it can be opened in a tab of its own; an ordinary tap stays within the app. */
export function Link({ href, class: style, label, children }: LinkProps) {
  const here = useStore(place).path === href;
  const go = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!here) navigate(href);
  };
  return (
    <a href={href} class={style} aria-label={label} aria-current={here ? 'page' : undefined} onClick={go}>
      {children}
    </a>
  );
}
