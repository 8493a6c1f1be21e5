// A few choices side by side, one of them pressed.

export function Segmented<Id extends string>({
  label,
  options,
  selected,
  onSelect,
}: {
  label: string;
  options: readonly { id: Id; label: string }[];
  selected: Id;
  onSelect: (id: Id) => void;
}) {
  return (
    <fieldset aria-label={label} className="flex gap-0.5 rounded-lg bg-sunken p-0.5">
      {options.map((option) => (
        <button
          key={option.id}
          type="button"
          aria-pressed={selected === option.id}
          onClick={() => onSelect(option.id)}
          className={`h-8 rounded-md px-3 text-[13px] ${
            selected === option.id
              ? "bg-surface font-medium shadow-card"
              : "text-ink-2 hover:text-ink"
          }`}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
