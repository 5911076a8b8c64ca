import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { useLanguage } from '../language';

interface SheetProps {
  readonly title: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

/** A second, deliberate step: rises from below on a phone, stands in the middle of a wide screen. Escape leaves it. */
export function Sheet({ title, close, children }: SheetProps) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      class="sheet"
      ref={box}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === box.current) close(); // the backdrop
      }}
    >
      <div class="sheet-inside">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

interface SheetActionsProps {
  readonly action: string;
  readonly close: () => void;
  readonly disabled?: boolean;
}

/** The end of a form in a sheet: leave it, or send it. */
export function SheetActions({ action, close, disabled = false }: SheetActionsProps) {
  const { text } = useLanguage();
  return (
    <div class="actions">
      <button type="button" class="button large" onClick={close}>
        {text.ticket.cancel}
      </button>
      <button type="submit" class="button large primary" disabled={disabled}>
        {action}
      </button>
    </div>
  );
}
