import { useEffect, useState } from 'preact/hooks';

/** Whether a media query holds, drawn again when that changes. */
export function useMedia(query: string): boolean {
  const [list] = useState(() => window.matchMedia(query));
  const [holds, set] = useState(list.matches);
  useEffect(() => {
    const changed = (): void => set(list.matches);
    changed();
    list.addEventListener('change', changed);
    return () => list.removeEventListener('change', changed);
  }, [list]);
  return holds;
}

/** Room for a list and one of its items side by side. In em, so that large text counts as a small screen. */
export const useWide = (): boolean => useMedia('(min-width: 56em)');
