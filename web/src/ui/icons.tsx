// The icons: sixteen-pixel strokes, drawn here so that no font or sprite is fetched.

const PATHS = {
  arrowDown: "M8 3v10M4 9l4 4 4-4",
  arrowUp: "M8 13V3M4 7l4-4 4 4",
  calendar: "M2.5 4.5h11v9h-11zM2.5 7.5h11M5.5 2.5v3M10.5 2.5v3",
  chart: "M2.5 12.5 6 8l3 2.5 4.5-6",
  check: "m3 8.5 3.5 3.5L13 4.5",
  chevronDown: "m4 6 4 4 4-4",
  chevronLeft: "m10 3.5-4.5 4.5L10 12.5",
  chevronRight: "m6 3.5 4.5 4.5L6 12.5",
  close: "m4 4 8 8M12 4l-8 8",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  download: "M8 2.5v7.5M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
  expand: "M9.5 2.5h4v4M13.5 2.5 9 7M6.5 13.5h-4v-4M2.5 13.5 7 9",
  filter: "M2 4h12M4.5 8h7M7 12h2",
  health: "M1.5 8h3l2-4.5 3 9 2-4.5h3",
  home: "M2.5 7 8 2.5 13.5 7v6.5h-4v-4h-3v4h-4z",
  keyboard: "M1.5 4.5h13v7.5h-13zM4 7h.01M6.7 7h.01M9.4 7h.01M12 7h.01M5 9.7h6",
  moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a5.8 5.8 0 1 0 7 7z",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  plus: "M8 3v10M3 8h10",
  radio:
    "M8 8h.01M5 11a4.2 4.2 0 0 1 0-6M11 5a4.2 4.2 0 0 1 0 6M3 13a7 7 0 0 1 0-10M13 3a7 7 0 0 1 0 10",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.2 3.2",
  settings:
    "M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.2 6.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM5.8 13.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z",
  signOut: "M6.5 2.5h-4v11h4M10.5 5l3 3-3 3M13.5 8H6",
  sun: "M8 10.7a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9",
  system: "M1.5 3h13v8.5h-13zM5.5 14h5",
  table: "M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 6.5v6",
  warning: "M8 2.5 14.5 13.5h-13zM8 6.5v3M8 11.5h.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, className = "" }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      className={`size-4 shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Logo({ className = "" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={`size-7 shrink-0 ${className}`} aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#2f55d4" />
      <path d="M9.5 21.5a6.5 6.5 0 0 1 13 0z" fill="#fff" />
      <g stroke="#fff" strokeWidth="2.4" strokeLinecap="round">
        <path d="M6 21.5h20M16 8.2v3M7.6 12.4l2 1.9M24.4 12.4l-2 1.9" />
        <path d="M11 25.6h10" strokeOpacity=".6" />
      </g>
    </svg>
  );
}
