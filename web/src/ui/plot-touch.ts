import type uPlot from 'uplot';

/**
 * Fingers on the chart: one points at readings, and moves the picture sideways when it is zoomed by two. Moving up and
 * down stays the page's own, so that the chart is no trap for the scrolling thumb.
 * `show` gets the wanted span in seconds since 1970.
 */
export function bindTouch(plot: uPlot, show: (from: number, to: number) => void): () => void {
  const { over } = plot;
  over.style.touchAction = 'pan-y';
  const fingers = new Map<number, number>();
  let grip: { from: number; to: number; left: number; right: number } | null = null;

  const place = (event: PointerEvent): number => event.clientX - over.getBoundingClientRect().left;
  const ordered = (): [number, number] => {
    const [a = 0, b = 0] = [...fingers.values()];
    return [Math.min(a, b), Math.max(a, b)];
  };

  const down = (event: PointerEvent): void => {
    if (event.pointerType === 'mouse') return;
    fingers.set(event.pointerId, place(event));
    over.setPointerCapture(event.pointerId);
    if (fingers.size === 2) {
      const [left, right] = ordered();
      const { min, max } = plot.scales['x']!;
      grip = { from: min!, to: max!, left, right };
    } else {
      point(event);
    }
  };

  const move = (event: PointerEvent): void => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, place(event));
    if (fingers.size === 2 && grip !== null) stretch();
    else if (fingers.size === 1) point(event);
  };

  const up = (event: PointerEvent): void => {
    fingers.delete(event.pointerId);
    grip = null;
  };

  // The moments that were under the two fingers when they came down stay under them.
  function stretch(): void {
    if (grip === null) return;
    const [left, right] = ordered();
    const width = over.clientWidth;
    const perPixel = (grip.to - grip.from) / width;
    const first = grip.from + grip.left * perPixel;
    const second = grip.from + grip.right * perPixel;
    const wanted = (second - first) / Math.max(20, right - left);
    const from = first - left * wanted;
    show(from, from + width * wanted);
  }

  function point(event: PointerEvent): void {
    plot.setCursor({ left: place(event), top: over.clientHeight / 2 });
  }

  over.addEventListener('pointerdown', down);
  over.addEventListener('pointermove', move);
  over.addEventListener('pointerup', up);
  over.addEventListener('pointercancel', up);
  return () => {
    over.removeEventListener('pointerdown', down);
    over.removeEventListener('pointermove', move);
    over.removeEventListener('pointerup', up);
    over.removeEventListener('pointercancel', up);
  };
}
