interface SegmentedProps<T extends string> {
  readonly label: string;
  readonly name: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string; readonly count?: number | undefined }[];
  readonly choose: (value: T) => void;
}

/** A choice of one among a few, all of them visible. Radio buttons underneath: the arrow keys work by themselves. */
export function Segmented<T extends string>({ label, name, value, options, choose }: SegmentedProps<T>) {
  return (
    <fieldset class="segmented">
      <legend class="sr-only">{label}</legend>
      {options.map((option) => (
        <label key={option.value} class={option.value === value ? 'is-chosen' : ''}>
          <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => choose(option.value)} />
          <span>
            {option.label}
            {option.count !== undefined && <span class="count"> {option.count}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
