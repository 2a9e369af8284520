// A button that opens the file dialog of a hidden input; the button is what the keyboard and screen readers meet.
import { useRef } from 'preact/hooks';

interface Props {
  label: string;
  kind?: 'primary' | 'plain' | 'quiet';
  accept?: string;
  multiple?: boolean;
  disabled?: boolean;
  onFiles: (files: File[]) => void;
}

export function FilePicker({ label, kind = 'plain', accept, multiple, disabled, onFiles }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const take = () => {
    const files = [...(input.current?.files ?? [])];
    // Emptied, so that choosing the same file again is a change again.
    if (input.current) input.current.value = '';
    if (files.length > 0) onFiles(files);
  };
  return (
    <>
      <button type="button" class={`button ${kind}`} disabled={disabled} onClick={() => input.current?.click()}>
        {label}
      </button>
      <input ref={input} hidden type="file" aria-label={label} accept={accept} multiple={multiple} onChange={take} />
    </>
  );
}
