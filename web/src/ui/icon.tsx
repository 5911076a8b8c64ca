// Line icons on a 24 x 24 field, drawn in the colour of the text beside them, which always says the same in words.
const drawings = {
  alarms: 'M12 3.5a5.5 5.5 0 0 1 5.5 5.5c0 4.5 2 6 2 6h-15s2-1.5 2-6A5.5 5.5 0 0 1 12 3.5M10 18.5a2 2 0 0 0 4 0',
  tickets: 'M5 4.5h14v15H5zM8.5 9h7M8.5 12.5h7M8.5 16h4',
  round: 'M4 5.5h3M4 12h3M4 18.5h3M10.5 5.5H20M10.5 12H20M10.5 18.5H20',
  scan: 'M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16',
  camera: 'M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 16.5a3.25 3.25 0 1 0 0-6.5 3.25 3.25 0 0 0 0 6.5',
  lifts: 'M6 3.5h12v17H6zM12 3.5v17M8.5 11l1.25-2.5L11 11M13 11l1.25 2.5L15.5 11',
  equipment: 'M4 15a8 8 0 1 1 16 0M12 15l3.5-5M4.5 19h15M7 15h.01M17 15h.01',
  building: 'M5 20V5h8v15M13 10h6v10M3 20h18M8 8.5h2M8 12h2M8 15.5h2M16 13.5h.5M16 16.5h.5',
  me: 'M12 12.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4.5 20c.5-3.5 3.5-5 7.5-5s7 1.5 7.5 5',
  back: 'M14.5 5 7.5 12l7 7',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13M15.5 15.5 20 20',
  clear: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  left: 'M14 7l-5 5 5 5',
  right: 'M10 7l5 5-5 5',
  check: 'M5 12.5l4.5 4.5L19 7.5',
} as const;

export function Icon({ name }: { readonly name: keyof typeof drawings }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={drawings[name]} />
    </svg>
  );
}
