// Calendar arithmetic on local dates written `YYYY-MM-DD`: no zones, no clocks.
// Only `todayIn` knows about time zones, and it is given the instant.

export type LocalDate = string;

const DAY_MS = 86_400_000;

const toMs = (date: LocalDate) => Date.parse(`${date}T00:00:00Z`);
const fromMs = (ms: number): LocalDate => new Date(ms).toISOString().slice(0, 10);

/** Today's date for somebody in that zone. */
export function todayIn(zone: string, now: Date): LocalDate {
  const options = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  try {
    return new Intl.DateTimeFormat("en-CA", { ...options, timeZone: zone }).format(now);
  } catch {
    // A zone this browser has not heard of: its own day is the best guess.
    return new Intl.DateTimeFormat("en-CA", options).format(now);
  }
}

/** The time of day for somebody in that zone, `HH:MM`. */
export function clockIn(zone: string, now: Date): string {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  try {
    return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone }).format(now);
  } catch {
    return new Intl.DateTimeFormat("en-GB", options).format(now);
  }
}

export function addDays(date: LocalDate, days: number): LocalDate {
  return fromMs(toMs(date) + days * DAY_MS);
}

/** The same day of another month, or that month's last day. */
export function addMonths(date: LocalDate, months: number): LocalDate {
  const [year = 1970, month = 1, day = 1] = date.split("-").map(Number);
  const first = new Date(Date.UTC(year, month - 1 + months, 1));
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  return fromMs(first.getTime() + (Math.min(day, days) - 1) * DAY_MS);
}

export const monthStart = (date: LocalDate): LocalDate => `${date.slice(0, 7)}-01`;
export const monthEnd = (date: LocalDate): LocalDate => addDays(addMonths(monthStart(date), 1), -1);
export const yearStart = (date: LocalDate): LocalDate => `${date.slice(0, 4)}-01-01`;

/** Days from one date to another, both included. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return Math.round((toMs(to) - toMs(from)) / DAY_MS) + 1;
}

/** 0 is Monday. */
export function weekday(date: LocalDate): number {
  return (new Date(toMs(date)).getUTCDay() + 6) % 7;
}

export function isLocalDate(text: string | null | undefined): text is LocalDate {
  return (
    !!text &&
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(toMs(text)) &&
    fromMs(toMs(text)) === text
  );
}

/** The weeks of a month as rows of seven dates, neighbours filling the ends. */
export function monthGrid(month: LocalDate): LocalDate[][] {
  const first = monthStart(month);
  const start = addDays(first, -weekday(first));
  const weeks = Math.ceil((weekday(first) + daysBetween(first, monthEnd(first))) / 7);
  return Array.from({ length: weeks }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => addDays(start, week * 7 + day)),
  );
}
