// The two letters of a country, set small before its name. The name says it all to a screen
// reader, so the letters are hidden from it.

export function CountryCode({ code }: { code: string }) {
  return (
    <span aria-hidden="true" className="w-5 shrink-0 font-medium text-[11px] text-ink-2">
      {code}
    </span>
  );
}
