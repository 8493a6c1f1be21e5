// Made by `npm run api-types` from docs/openapi.json: change that, not this.

/**
 * Which projects the role of an account is good for.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Reach".
 */
export type Reach = "all" | "granted";
/**
 * What a person may do: each may what the next may, and more.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Role".
 */
export type Role = "owner" | "admin" | "editor" | "viewer";
/**
 * What a key opens: sending events, asking questions, changing a project, or everything.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "KeyScope".
 */
export type KeyScope = "ingest" | "stats:read" | "project:write" | "admin";
/**
 * A period: `day`, `24h`, `7d`, `month`, `6mo`, `year`, `all`, or two dates or date-times.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "DateRange".
 */
export type DateRange = string | string[];
/**
 * One event, or up to 100.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Events".
 */
export type Events = Event1 | Event[];
/**
 * How visitors are told apart: by a hash that changes every day, or by an id they consented to.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Identity".
 */
export type Identity = "cookieless" | "stable";
/**
 * A key with its text, which is shown only now.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "KeyMade".
 */
export type KeyMade = {
  created_at: string;
  expires_at: string | null;
  id: string;
  /**
   * To the minute.
   */
  last_used_at: string | null;
  name: string;
  prefix: string;
  /**
   * The project's id; null for a key of the whole instance.
   */
  project: string | null;
  scope: KeyScope;
} & {
  key: string;
};
/**
 * Why nothing was taken: of the request as a whole, or of each event.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "NothingTaken".
 */
export type NothingTaken = Problem | BatchTaken1;
/**
 * Who shows the token of a session.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "SessionKind".
 */
export type SessionKind = "browser" | "program";
/**
 * What somebody wants of the provider.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Wanted".
 */
export type Wanted = "sign_in" | "link";

export interface Shapes {
  [k: string]: unknown;
}
/**
 * The token of a link, and who the member wants to be.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Acceptance".
 */
export interface Acceptance {
  name?: string;
  password: string;
  token: string;
}
/**
 * A person, as whoever is that person sees it.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Account".
 */
export interface Account {
  /**
   * RFC 3339.
   */
  created_at: string;
  email: string;
  id: string;
  name: string;
  /**
   * Whether signing in through the provider is linked; null where there is no provider.
   */
  provider_linked: boolean | null;
  reach: Reach;
  recovery_codes_left: number;
  role: Role;
  /**
   * Whether signing in takes a code.
   */
  second_factor: boolean;
}
/**
 * What should change about the own account.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "AccountChange".
 */
export interface AccountChange {
  name: string;
}
/**
 * Forecasts as they were told, beside what came.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Accuracy".
 */
export interface Accuracy {
  /**
   * 100 less `wmape`.
   */
  accuracy?: number | null;
  /**
   * The training that serves.
   */
  backtest?: {
    [k: string]: unknown;
  } | null;
  coverage_80?: number | null;
  coverage_95?: number | null;
  days: {
    [k: string]: unknown;
  }[];
  filters: unknown;
  metric: string;
  site_id: string;
  /**
   * Percent.
   */
  wmape?: number | null;
}
/**
 * The password once more.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Again".
 */
export interface Again {
  password: string;
}
/**
 * The keys that are not revoked.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "AllKeys".
 */
export interface AllKeys {
  keys: Key[];
}
/**
 * A key, without its secret.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Key".
 */
export interface Key {
  created_at: string;
  expires_at: string | null;
  id: string;
  /**
   * To the minute.
   */
  last_used_at: string | null;
  name: string;
  prefix: string;
  /**
   * The project's id; null for a key of the whole instance.
   */
  project: string | null;
  scope: KeyScope;
}
/**
 * An answer in rows.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Answer".
 */
export interface Answer {
  /**
   * How visitors were counted, the number of rows, warnings.
   */
  meta: {
    [k: string]: unknown;
  };
  /**
   * The question with every choice made.
   */
  query: {
    [k: string]: unknown;
  };
  results: AnswerRow[];
}
/**
 * A group and its metrics, both in the order of the question.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "AnswerRow".
 */
export interface AnswerRow {
  /**
   * The same of the period it is compared with.
   */
  comparison?: {
    [k: string]: unknown;
  } | null;
  dimensions: unknown[];
  metrics: unknown[];
}
/**
 * Conversions shared out among what led to them.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Attribution".
 */
export interface Attribution {
  conversions: number;
  query: {
    [k: string]: unknown;
  };
  results: {
    [k: string]: unknown;
  }[];
  total_rows: number;
}
/**
 * A question about what led to conversions.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "AttributionQuestion".
 */
export interface AttributionQuestion {
  by?: string | null;
  conversion: unknown[];
  date_range: DateRange;
  filters?: unknown[] | null;
  half_life?: string | null;
  lookback?: string | null;
  site_id: string;
}
/**
 * What became of each event.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "BatchTaken".
 */
export interface BatchTaken {
  accepted: number;
  dropped: number;
  duplicate: number;
  rejected: Rejected[];
  /**
   * One word for each event, in their order: `accepted`, `duplicate`, `dropped`, `rejected`.
   */
  results: string[];
}
/**
 * An event that was not taken.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Rejected".
 */
export interface Rejected {
  errors: RejectedField[];
  /**
   * Which event, from 0.
   */
  index: number;
  /**
   * The reason's one word.
   */
  reason: string;
}
/**
 * What was wrong where.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "RejectedField".
 */
export interface RejectedField {
  /**
   * JSON pointer into the body.
   */
  pointer: string;
  reason: string;
}
/**
 * The password and a code, once more.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Both".
 */
export interface Both {
  code: string;
  password: string;
}
/**
 * The code that the app shows.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Code".
 */
export interface Code {
  code: string;
}
/**
 * Those who began in one period.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Cohort".
 */
export interface Cohort {
  /**
   * First day of the period.
   */
  cohort: string;
  /**
   * The same in percent.
   */
  rates: number[];
  /**
   * Visitors who were there that many periods later.
   */
  returned: number[];
  visitors: number;
}
/**
 * How a metric repeats.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "CycleFound".
 */
export interface CycleFound {
  /**
   * Usual distance from the level, in units of the metric.
   */
  effects: number[];
  /**
   * Share of the variation that the cycle explains.
   */
  strength: number;
}
/**
 * What a visitor decided.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "DecisionOfPerson".
 */
export interface DecisionOfPerson {
  /**
   * RFC 3339.
   */
  at: string;
  /**
   * `granted` or `denied`.
   */
  state: string;
}
/**
 * How much disk a project takes.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Disk".
 */
export interface Disk {
  bytes: number;
  bytes_per_event?: number | null;
  /**
   * Local days with events.
   */
  days: number;
  events: number;
}
/**
 * What was done.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Done".
 */
export interface Done {
  /**
   * Noun and verb: `key.revoke`.
   */
  action: string;
  /**
   * `user 3`, `key 1f2e3d4c5b6a`, `command line`, `server` or `nobody`.
   */
  actor: string;
  actor_name: string;
  /**
   * What is there since, or null.
   */
  after: {
    [k: string]: unknown;
  };
  at: string;
  /**
   * What was there before, or null.
   */
  before: {
    [k: string]: unknown;
  };
  hash: string;
  id: string;
  /**
   * A country's two letters, or empty.
   */
  place: string;
  subject: string;
}
/**
 * How many were ended.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Ended".
 */
export interface Ended {
  ended: number;
}
/**
 * What an authenticator app needs.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Enrolment".
 */
export interface Enrolment {
  qr: Picture | null;
  /**
   * To be typed into the app: base 32.
   */
  secret: string;
  /**
   * The same as an address that apps open.
   */
  uri: string;
}
/**
 * The address as a picture that apps read.
 */
export interface Picture {
  /**
   * The dark modules, as the `d` of an SVG path; a module is one unit wide.
   */
  path: string;
  /**
   * Modules along each side, without the four of blank margin that it needs.
   */
  size: number;
}
/**
 * Entries of the log.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Entries".
 */
export interface Entries {
  /**
   * Newest first, 100 at most.
   */
  entries: Done[];
  /**
   * Whether there are older ones: ask for those before the last.
   */
  has_more: boolean;
}
/**
 * Whose events are to go: exactly one of the four. Beside the events of a visitor go all decisions
 * of the visitor, and beside those of a visitor or a user the dead letters.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Erase".
 */
export interface Erase {
  /**
   * The first local day that stays.
   */
  before?: string | null;
  /**
   * One local day, `2026-11-21`.
   */
  day?: string | null;
  /**
   * Whether events are only counted.
   */
  dry_run?: boolean;
  /**
   * A user's id.
   */
  user?: string | null;
  /**
   * A visitor, as the whole number that exports show.
   */
  visitor?: string | null;
}
/**
 * What was erased, or would be.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Erased".
 */
export interface Erased {
  /**
   * Local days that had some.
   */
  days: number;
  /**
   * Events that could not be stored and waited for somebody to look at them.
   */
  dead_letters: number;
  /**
   * Entries of the log of what the visitor decided.
   */
  decisions: number;
  dry_run: boolean;
  events: number;
  /**
   * Files that are written anew or removed.
   */
  files: number;
  /**
   * Whether the queue's files hold nothing any more of what was taken before.
   */
  is_queue_emptied: boolean;
  /**
   * Dead letters of which nobody can tell whose they are: look at them, and drop them.
   */
  unreadable_dead_letters: number;
}
/**
 * An event. Every field may also have its short name; `docs/api.md` lists them.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Event".
 */
export interface Event {
  /**
   * The project's domain, or several with commas; else the host of `url`.
   */
  domain?: string | null;
  /**
   * UUID of the client's choice: sending again changes nothing.
   */
  event_id?: string | null;
  /**
   * False: does not end a bounce.
   */
  interactive?: boolean | null;
  /**
   * `pageview`, or any name of your own.
   */
  name: string;
  /**
   * Properties: texts, numbers and truth values, 30 at most.
   */
  props?: {
    [k: string]: unknown;
  } | null;
  /**
   * Address that led here.
   */
  referrer?: string | null;
  revenue?: Revenue | null;
  /**
   * Address of the page.
   */
  url: string;
}
/**
 * Money.
 */
export interface Revenue {
  /**
   * Units of the currency.
   */
  amount: number;
  /**
   * Three letters of ISO 4217.
   */
  currency: string;
}
/**
 * One.
 */
export interface Event1 {
  /**
   * The project's domain, or several with commas; else the host of `url`.
   */
  domain?: string | null;
  /**
   * UUID of the client's choice: sending again changes nothing.
   */
  event_id?: string | null;
  /**
   * False: does not end a bounce.
   */
  interactive?: boolean | null;
  /**
   * `pageview`, or any name of your own.
   */
  name: string;
  /**
   * Properties: texts, numbers and truth values, 30 at most.
   */
  props?: {
    [k: string]: unknown;
  } | null;
  /**
   * Address that led here.
   */
  referrer?: string | null;
  revenue?: Revenue | null;
  /**
   * Address of the page.
   */
  url: string;
}
/**
 * Events that are too old and go with the next clean-up.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Expired".
 */
export interface Expired {
  days: number;
  events: number;
}
/**
 * The texts of two keys.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "FirstKeys".
 */
export interface FirstKeys {
  ingest: string;
  stats: string;
}
/**
 * The coming days.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Forecast".
 */
export interface Forecast {
  champion?: string | null;
  filters: unknown;
  forecast: Outlook[];
  /**
   * 90 days at most.
   */
  history: Measured[];
  made_at: string;
  made_with: {
    [k: string]: unknown;
  };
  /**
   * What to know about this forecast.
   */
  messages: string[];
  metric: string;
  site_id: string;
  /**
   * Share of each model in the whole, 1 in sum.
   */
  weights: {
    [k: string]: number;
  };
}
/**
 * A day to come.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Outlook".
 */
export interface Outlook {
  day: string;
  expected: number;
  high_80: number;
  high_95: number;
  low_80: number;
  low_95: number;
}
/**
 * A day that has passed.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Measured".
 */
export interface Measured {
  day: string;
  /**
   * Nothing where nothing was measured.
   */
  value?: number | null;
}
/**
 * What was erased.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Forgotten".
 */
export interface Forgotten {
  erased_events: number;
  /**
   * Why there was nothing to erase, where that is so for everybody.
   */
  note?: string | null;
}
/**
 * Who forgot a password.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "ForgottenPassword".
 */
export interface ForgottenPassword {
  email: string;
}
/**
 * How many went how far.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Funnel".
 */
export interface Funnel {
  /**
   * Percent.
   */
  conversion_rate: number;
  groups?:
    | {
        [k: string]: unknown;
      }[]
    | null;
  query: {
    [k: string]: unknown;
  };
  steps: FunnelStep[];
  time_to_convert_s?: {
    [k: string]: unknown;
  } | null;
  total_groups?: number | null;
}
/**
 * One step.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "FunnelStep".
 */
export interface FunnelStep {
  /**
   * Percent of those of the first step.
   */
  conversion_rate: number;
  dropped: number;
  name: string;
  /**
   * Percent of those of the step before.
   */
  step_conversion_rate: number;
  time_from_previous_s?: {
    [k: string]: unknown;
  } | null;
  visitors: number;
}
/**
 * A question about steps.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "FunnelQuestion".
 */
export interface FunnelQuestion {
  breakdown?: string | null;
  date_range: DateRange;
  filters?: unknown[] | null;
  limit?: number | null;
  /**
   * `loose` or `strict`.
   */
  order?: string | null;
  site_id: string;
  /**
   * 2 to 16 steps: `{name, filters}` or `{goal}`.
   */
  steps: {
    [k: string]: unknown;
  }[];
  /**
   * A number with `s`, `m`, `h` or `d`.
   */
  window?: string | null;
}
/**
 * A choice.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "HolidayChoice".
 */
export interface HolidayChoice {
  /**
   * ISO 3166 code of two capital letters; null for none.
   */
  country?: string | null;
  site_id?: string | null;
}
/**
 * What came of a look at a host.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "HostLookedAt".
 */
export interface HostLookedAt {
  /**
   * `file`, `meta` or `snippet`; null when nothing was found.
   */
  found?: string | null;
  hosts: VerifiedHost[];
  tried: TriedAddress[];
}
/**
 * A host of a project.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "VerifiedHost".
 */
export interface VerifiedHost {
  file: VerificationFile;
  host: string;
  /**
   * The element for the head of the host's first page.
   */
  meta: string;
  /**
   * `file`, `meta` or `snippet`: what was found there last; null as long as nothing was.
   */
  proof?: string | null;
  verified_at?: string | null;
}
/**
 * A file that verifies a host.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "VerificationFile".
 */
export interface VerificationFile {
  address: string;
  /**
   * All that stands in it.
   */
  text: string;
}
/**
 * An address that was asked.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "TriedAddress".
 */
export interface TriedAddress {
  address: string;
  /**
   * What came of it, in words.
   */
  outcome: string;
}
/**
 * Which host to look at.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "HostToVerify".
 */
export interface HostToVerify {
  /**
   * One of the project's hosts.
   */
  host: string;
}
/**
 * The state of the server in numbers.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "InstanceHealth".
 */
export interface InstanceHealth {
  queue: QueueHealth;
  started_at: string;
  /**
   * `ok` or `starting`.
   */
  status: string;
  store: StoreHealth;
  version: string;
}
/**
 * The queue.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "QueueHealth".
 */
export interface QueueHealth {
  bytes: number;
  bytes_max: number;
  /**
   * Events that are not in the store yet.
   */
  depth_events: number;
}
/**
 * The store.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "StoreHealth".
 */
export interface StoreHealth {
  /**
   * Rows in memory that are not in files yet.
   */
  hot_rows: number;
}
/**
 * A key with its text, which is shown only now.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "InstanceKeyMade".
 */
export interface InstanceKeyMade {
  about: Key;
  key: string;
}
/**
 * Names of everything that can be asked for, the most common first.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Inventory".
 */
export interface Inventory {
  currencies: {
    [k: string]: unknown;
  }[];
  event_names: {
    [k: string]: unknown;
  }[];
  models: {
    [k: string]: unknown;
  }[];
  properties: {
    [k: string]: unknown;
  }[];
  providers: {
    [k: string]: unknown;
  }[];
  query: {
    [k: string]: unknown;
  };
  services: {
    [k: string]: unknown;
  }[];
  tools: {
    [k: string]: unknown;
  }[];
}
/**
 * A question about which names there are.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "InventoryQuestion".
 */
export interface InventoryQuestion {
  date_range: DateRange;
  site_id: string;
}
/**
 * An invitation with its link, which is shown only now.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "InvitationMade".
 */
export interface InvitationMade {
  invitation: Invited;
  link: string;
  /**
   * Whether the link was sent by mail too.
   */
  mailed: boolean;
}
/**
 * An invitation that waits.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Invited".
 */
export interface Invited {
  created_at: string;
  email: string;
  expires_at: string;
  id: string;
  reach: Reach;
  role: Role;
}
/**
 * The token of a link.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "InvitationToken".
 */
export interface InvitationToken {
  token: string;
}
/**
 * Steps of visits and the ways between them.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Journey".
 */
export interface Journey {
  links: {
    [k: string]: unknown;
  }[];
  nodes: {
    [k: string]: unknown;
  }[];
  query: {
    [k: string]: unknown;
  };
  visits: number;
}
/**
 * A question about ways.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "JourneyQuestion".
 */
export interface JourneyQuestion {
  by?: string | null;
  date_range: DateRange;
  depth?: number | null;
  filters?: unknown[] | null;
  from?: string | null;
  groups?:
    | {
        [k: string]: unknown;
      }[]
    | null;
  limit?: number | null;
  site_id: string;
  to?: string | null;
}
/**
 * How long events are kept.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "KeptEvents".
 */
export interface KeptEvents {
  /**
   * Whole local days beside today; null: for ever.
   */
  days: number | null;
  expired: Expired;
  /**
   * The first local day that stays.
   */
  first_kept_day: string | null;
}
/**
 * A day from which the level was another one.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "LevelChange".
 */
export interface LevelChange {
  after: number;
  before: number;
  day: string;
  /**
   * The change in standard deviations of the noise.
   */
  sigmas: number;
}
/**
 * A link that is shown only now.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Link".
 */
export interface Link {
  link: string;
}
/**
 * The present of one project.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Live".
 */
export interface Live {
  /**
   * Counted events in the last minute.
   */
  events_last_minute: number;
  first_event_at: string | null;
  last_event_at: string | null;
  /**
   * Visitors in each of the last 30 minutes, oldest first.
   */
  minutes: number[];
  pages: LivePage[];
  sources: LiveSource[];
  /**
   * Distinct visitors with a counted event in the last five minutes.
   */
  visitors: number;
}
/**
 * A page that is being read.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "LivePage".
 */
export interface LivePage {
  page: string;
  visitors: number;
}
/**
 * A source that sends visitors now.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "LiveSource".
 */
export interface LiveSource {
  source: string;
  visitors: number;
}
/**
 * A part of the log of decisions.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "LogOfDecisions".
 */
export interface LogOfDecisions {
  consents: LoggedDecision[];
  /**
   * What to send as `after` for the next part; the part after the last is empty.
   */
  next: number;
}
/**
 * A visitor's decision.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "LoggedDecision".
 */
export interface LoggedDecision {
  /**
   * RFC 3339.
   */
  at: string;
  id: number;
  /**
   * `granted`, `denied` or `forgotten`.
   */
  state: string;
  /**
   * The visitor, as the whole number that exports show; null for somebody who was forgotten.
   */
  visitor: string | null;
}
/**
 * How sending letters goes, since the start of the server.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "MailSent".
 */
export interface MailSent {
  failed: number;
  sent: number;
  /**
   * Why the newest attempt failed, if it did.
   */
  trouble: string | null;
  waiting: number;
}
/**
 * A member, as admins see one.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Member".
 */
export interface Member {
  created_at: string;
  /**
   * When the account was switched off.
   */
  disabled_at: string | null;
  email: string;
  grants: ProjectRole[];
  id: string;
  name: string;
  reach: Reach;
  role: Role;
  second_factor: boolean;
}
/**
 * A role in one project.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "ProjectRole".
 */
export interface ProjectRole {
  /**
   * The project's id.
   */
  project: string;
  /**
   * What a person may do: each may what the next may, and more.
   */
  role: "owner" | "admin" | "editor" | "viewer";
}
/**
 * What should change about a member; what is left out stays.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "MemberChange".
 */
export interface MemberChange {
  /**
   * Whether the account is switched off, which ends its sessions.
   */
  disabled?: boolean | null;
  /**
   * Replaces the roles in single projects.
   */
  grants?: ProjectRole[] | null;
  reach?: Reach | null;
  role?: Role | null;
}
/**
 * A key to be.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "NewInstanceKey".
 */
export interface NewInstanceKey {
  /**
   * RFC 3339; without it the key works until it is revoked.
   */
  expires_at?: string | null;
  name?: string;
}
/**
 * Who is to become a member, as what.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "NewInvitation".
 */
export interface NewInvitation {
  email: string;
  grants?: ProjectRole[];
  reach?: ("all" | "granted") | null;
  role: Role;
}
/**
 * A key to be.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "NewKey".
 */
export interface NewKey {
  /**
   * RFC 3339; without it the key works until it is revoked.
   */
  expires_at?: string | null;
  name?: string;
  scope: string;
}
/**
 * A project to be.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "NewProject".
 */
export interface NewProject {
  hosts: string[];
  identity?: string | null;
  name: string;
  time_zone: string;
}
/**
 * How long a project is to keep its events.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "NewRetention".
 */
export interface NewRetention {
  /**
   * Whole local days beside today; null: for ever.
   */
  days?: number | null;
}
/**
 * Something to be saved.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "NewSaved".
 */
export interface NewSaved {
  definition: unknown;
  name: string;
}
/**
 * It cannot be understood.
 */
export interface Problem {
  /**
   * What is wrong and what to do.
   */
  error: string;
  /**
   * The same by field, where single fields are wrong.
   */
  errors?: {
    [k: string]: string[];
  } | null;
}
/**
 * None of several events was taken.
 */
export interface BatchTaken1 {
  accepted: number;
  dropped: number;
  duplicate: number;
  rejected: Rejected[];
  /**
   * One word for each event, in their order: `accepted`, `duplicate`, `dropped`, `rejected`.
   */
  results: string[];
}
/**
 * One member.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "OneMember".
 */
export interface OneMember {
  member: Member;
}
/**
 * Where the browser goes on.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Onward".
 */
export interface Onward {
  url: string;
}
/**
 * The page-visit form.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "PageVisit".
 */
export interface PageVisit {
  /**
   * `de-DE`.
   */
  language?: string | null;
  /**
   * Properties.
   */
  metadata?: {
    [k: string]: unknown;
  } | null;
  /**
   * Address of the page.
   */
  page_url: string;
  /**
   * Address that led here.
   */
  referrer?: string | null;
  /**
   * `1920x1080`.
   */
  screen_resolution?: string | null;
  /**
   * The client's session.
   */
  session_id?: string | null;
  /**
   * Seconds on the page.
   */
  time_on_page?: number | null;
  /**
   * The browser's user agent, where the request's own is not it.
   */
  user_agent?: string | null;
  /**
   * Consented visitor id.
   */
  visitor_id?: string | null;
}
/**
 * What became of a page visit.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "PageVisitTaken".
 */
export interface PageVisitTaken {
  /**
   * `accepted`, `duplicate` or `dropped`.
   */
  status: string;
}
/**
 * A new password, and the old one.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "PasswordChange".
 */
export interface PasswordChange {
  new_password: string;
  password: string;
}
/**
 * Events on disk that no answer counts yet.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "PendingEvents".
 */
export interface PendingEvents {
  pending_events: number;
}
/**
 * What is known of a person.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Person".
 */
export interface Person {
  /**
   * Events that could not be stored; `almanac dead-letters` shows them.
   */
  dead_letters: number;
  /**
   * What the visitor decided, oldest first.
   */
  decisions: DecisionOfPerson[];
  /**
   * Events with the columns of an export that are not blank, by file.
   */
  events: {}[];
}
/**
 * Whose data is to be given out: exactly one of both.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "PersonRequest".
 */
export interface PersonRequest {
  /**
   * A user's id.
   */
  user?: string | null;
  /**
   * A visitor, as the whole number that exports show.
   */
  visitor?: string | null;
}
/**
 * A QR code.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Picture".
 */
export interface Picture1 {
  /**
   * The dark modules, as the `d` of an SVG path; a module is one unit wide.
   */
  path: string;
  /**
   * Modules along each side, without the four of blank margin that it needs.
   */
  size: number;
}
/**
 * Why there is no ordinary answer.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Problem".
 */
export interface Problem1 {
  /**
   * What is wrong and what to do.
   */
  error: string;
  /**
   * The same by field, where single fields are wrong.
   */
  errors?: {
    [k: string]: string[];
  } | null;
}
/**
 * A site or product.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Project".
 */
export interface Project {
  /**
   * RFC 3339.
   */
  created_at: string;
  /**
   * Its first host, which names it everywhere.
   */
  domain: string;
  first_event_at: string | null;
  hosts: string[];
  id: string;
  identity: Identity;
  name: string;
  /**
   * Parameters of addresses that are kept as a part of a page's name.
   */
  query_parameters: string[];
  /**
   * IANA time zone, in which its days begin.
   */
  time_zone: string;
}
/**
 * What should change about a project.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "ProjectChange".
 */
export interface ProjectChange {
  hosts?: string[] | null;
  name?: string | null;
  /**
   * Parameters of addresses that are kept as a part of a page's name.
   */
  query_parameters?: string[] | null;
}
/**
 * A project as it is now.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "ProjectChanged".
 */
export interface ProjectChanged {
  project: Project;
}
/**
 * Where events went in the last seven days.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "ProjectHealth".
 */
export interface ProjectHealth {
  accepted: number;
  duplicate: number;
  last_event_at: string | null;
  queue: PendingEvents;
  received: number;
  recent: RecentlyRefused[];
  refused: RefusedEvents[];
  since: string;
  /**
   * Of the whole instance: events of no known project, and requests that could not be read.
   */
  unattributed: RefusedEvents[];
  /**
   * Events of the same days whose domain no project has.
   */
  unknown_domain: number;
}
/**
 * One of the last refusals.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "RecentlyRefused".
 */
export interface RecentlyRefused {
  at: string;
  detail: string;
  reason: string;
}
/**
 * Events refused for one reason.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "RefusedEvents".
 */
export interface RefusedEvents {
  count: number;
  explanation: string;
  reason: string;
  remedy: string;
}
/**
 * A new project with its first keys, whose texts are shown only now.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "ProjectMade".
 */
export interface ProjectMade {
  keys: FirstKeys;
  project: Project;
  snippet: string;
}
/**
 * A project and the snippet for its pages.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "ProjectShown".
 */
export interface ProjectShown {
  project: Project;
  snippet: string;
}
/**
 * Every project.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Projects".
 */
export interface Projects {
  projects: Project[];
}
/**
 * One of them.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "PublicKey".
 */
export interface PublicKey {
  alg: string;
  crv: string;
  kid: string;
  kty: string;
  use: string;
  x: string;
}
/**
 * The public keys of access tokens (RFC 7517).
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "PublicKeys".
 */
export interface PublicKeys {
  keys: PublicKey[];
}
/**
 * A question.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Question".
 */
export interface Question {
  date_range: DateRange;
  dimensions?: string[] | null;
  /**
   * `[operator, dimension, [values]]`, and `and`, `or`, `not` of them.
   */
  filters?: unknown[] | null;
  include?: {
    [k: string]: unknown;
  } | null;
  /**
   * Names of metrics, or formulas `{name, formula, decimals}`.
   */
  metrics: unknown[];
  /**
   * `[metric or dimension, "asc" or "desc"]`.
   */
  order_by?: unknown[] | null;
  pagination?: {
    [k: string]: unknown;
  } | null;
  /**
   * The project's id, its domain or a host of it.
   */
  site_id: string;
  /**
   * `people`, as without it, or `bots`, which are kept apart.
   */
  traffic?: string | null;
}
/**
 * Codes for the day on which the app is gone.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "RecoveryCodes".
 */
export interface RecoveryCodes {
  /**
   * Each works once. They are shown only now.
   */
  recovery_codes: string[];
}
/**
 * A refresh token.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "RefreshToken".
 */
export interface RefreshToken {
  refresh_token: string;
}
/**
 * The token of a link, and the new password.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "ResetCompletion".
 */
export interface ResetCompletion {
  password: string;
  token: string;
}
/**
 * Cohorts and how many of each came back.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Retention".
 */
export interface Retention {
  cohorts: Cohort[];
  query: {
    [k: string]: unknown;
  };
}
/**
 * A question about coming back.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "RetentionQuestion".
 */
export interface RetentionQuestion {
  date_range: DateRange;
  filters?: unknown[] | null;
  /**
   * Filters of the events that count as coming back.
   */
  return?: unknown[] | null;
  site_id: string;
  /**
   * Filters of the first event.
   */
  start?: unknown[] | null;
  /**
   * `day`, `week` or `month`.
   */
  unit?: string | null;
}
/**
 * An amount of money.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Revenue".
 */
export interface Revenue1 {
  /**
   * Units of the currency.
   */
  amount: number;
  /**
   * Three letters of ISO 4217.
   */
  currency: string;
}
/**
 * A goal, segment or funnel; `docs/questions.md` has the forms of `definition`.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Saved".
 */
export interface Saved {
  definition: unknown;
  id: string;
  name: string;
}
/**
 * All of one kind.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "SavedList".
 */
export interface SavedList {
  saved: Saved[];
}
/**
 * What was saved.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "SavedMade".
 */
export interface SavedMade {
  saved: Saved;
}
/**
 * What a request is about.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "SeriesAbout".
 */
export interface SeriesAbout {
  filters?: unknown;
  metric?: string | null;
  site_id?: string | null;
}
/**
 * A session of the person who asks.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Session".
 */
export interface Session {
  created_at: string;
  /**
   * Families of browser and system; empty when nothing is known.
   */
  device: string;
  expires_at: string;
  id: string;
  /**
   * Whether it is the one that asks.
   */
  is_this: boolean;
  /**
   * `browser`, or `program` for one that acts with tokens.
   */
  kind: "browser" | "program";
  /**
   * To the minute.
   */
  last_seen_at: string;
  /**
   * How its owner calls the program; empty for a browser.
   */
  name: string;
  /**
   * A country's two letters, or empty.
   */
  place: string;
}
/**
 * The sessions of an account.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Sessions".
 */
export interface Sessions {
  /**
   * The one used last first.
   */
  sessions: Session[];
}
/**
 * Who wants to be the owner.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "SetUp".
 */
export interface SetUp {
  email: string;
  name?: string;
  password: string;
  token: string;
}
/**
 * Whether the instance still waits for its owner.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "SetupState".
 */
export interface SetupState {
  needed: boolean;
  /**
   * The name of the provider through which people can sign in; null where there is none.
   */
  provider: string | null;
}
/**
 * Who wants to sign in.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "SignIn".
 */
export interface SignIn {
  /**
   * Of the app, or a recovery code, where the account has a second factor.
   */
  code?: string;
  email: string;
  password: string;
}
/**
 * Who is signed in.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "SignedIn".
 */
export interface SignedIn {
  user: User;
}
/**
 * A person.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "User".
 */
export interface User {
  email: string;
  id: string;
  name: string;
  reach: Reach;
  role: Role;
}
/**
 * The beginning of a sign-in through the provider.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Start".
 */
export interface Start {
  purpose?: Wanted;
}
/**
 * Everybody, and who is invited.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Team".
 */
export interface Team {
  invitations: Invited[];
  mail: MailSent1 | null;
  /**
   * In the order in which they were added.
   */
  members: Member[];
}
/**
 * How sending letters goes; null where mail is not set up.
 */
export interface MailSent1 {
  failed: number;
  sent: number;
  /**
   * Why the newest attempt failed, if it did.
   */
  trouble: string | null;
  waiting: number;
}
/**
 * Calls of tools, at the level that each says.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "TelemetryBatch".
 */
export interface TelemetryBatch {
  /**
   * 1 to 100 events; `docs/collection.md` has the fields of each level.
   */
  events: {
    [k: string]: unknown;
  }[];
  /**
   * The project, unless an ingest key names it.
   */
  project?: string | null;
}
/**
 * Who wants tokens: an address with its password, or nobody, which is whoever is signed in.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "TokenWish".
 */
export interface TokenWish {
  /**
   * Of the second factor, where the account has one.
   */
  code?: string;
  email?: string | null;
  /**
   * What the program is called in the list of sessions.
   */
  name?: string;
  password?: string;
}
/**
 * What a program needs until it refreshes.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Tokens".
 */
export interface Tokens {
  /**
   * To be sent as `Authorization: Bearer …`.
   */
  access_token: string;
  /**
   * Seconds for which the access token is good.
   */
  expires_in: number;
  /**
   * When the person has to sign in again; sooner after 14 days without use.
   */
  refresh_expires_at: string;
  /**
   * Good once, for the next tokens. One that was used before ends the session.
   */
  refresh_token: string;
  /**
   * The session in the list of sessions.
   */
  session: string;
  token_type: string;
}
/**
 * A training was asked for.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "TrainingAsked".
 */
export interface TrainingAsked {
  now: TrainingNow;
}
/**
 * What happens to a series at the moment.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "TrainingNow".
 */
export interface TrainingNow {
  /**
   * `idle`, `waiting` or `running`.
   */
  state: string;
  steps?: number | null;
  steps_done?: number | null;
}
/**
 * What to train, and how.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "TrainingWish".
 */
export interface TrainingWish {
  filters?: unknown;
  metric?: string | null;
  /**
   * What shall serve, whatever the figures say: `ensemble`, `lstm` or the name of another model.
   * Without it the rule of promotion decides.
   */
  recipe?: string | null;
  /**
   * Where chance begins in the network.
   */
  seed?: number | null;
  site_id?: string | null;
}
/**
 * The trainings of a series.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Trainings".
 */
export interface Trainings {
  filters: unknown;
  metric: string;
  now: TrainingNow;
  site_id: string;
  trainings: {
    [k: string]: unknown;
  }[];
}
/**
 * Trend and seasonality of a metric.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "TrendAnswer".
 */
export interface TrendAnswer {
  filters: unknown;
  level_changes: LevelChange[];
  messages: string[];
  metric: string;
  site_id: string;
  trend?: TrendFound | null;
  week?: CycleFound1 | null;
  year?: CycleFound2 | null;
}
/**
 * Nothing where there are too few days.
 */
export interface TrendFound {
  days: number;
  is_significant: boolean;
  /**
   * Where the line is on the last day.
   */
  level: number;
  /**
   * How probable a trend as clear as this one is by chance.
   */
  p_value: number;
  per_day: number;
  per_day_high: number;
  /**
   * Lower end of the 95 % interval.
   */
  per_day_low: number;
}
/**
 * Seven effects, Monday first.
 */
export interface CycleFound1 {
  /**
   * Usual distance from the level, in units of the metric.
   */
  effects: number[];
  /**
   * Share of the variation that the cycle explains.
   */
  strength: number;
}
/**
 * Twelve effects, January first; nothing for less than two years.
 */
export interface CycleFound2 {
  /**
   * Usual distance from the level, in units of the metric.
   */
  effects: number[];
  /**
   * Share of the variation that the cycle explains.
   */
  strength: number;
}
/**
 * A slope that a few wild days do not move (Theil and Sen), and how sure it is.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "TrendFound".
 */
export interface TrendFound1 {
  days: number;
  is_significant: boolean;
  /**
   * Where the line is on the last day.
   */
  level: number;
  /**
   * How probable a trend as clear as this one is by chance.
   */
  p_value: number;
  per_day: number;
  per_day_high: number;
  /**
   * Lower end of the 95 % interval.
   */
  per_day_low: number;
}
/**
 * Whether the log is what was written.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Verdict".
 */
export interface Verdict {
  /**
   * The first entry that is not what was written.
   */
  broken_at: string | null;
  entries: number;
  /**
   * Whether the head that was asked for was found.
   */
  has_known_head: boolean | null;
  /**
   * The newest hash: note it elsewhere, to prove later that nothing was cut off.
   */
  head: string;
  is_sound: boolean;
  reason: string | null;
}
/**
 * Which hosts of a project are verified, and what would verify the others.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "VerifiedHosts".
 */
export interface VerifiedHosts {
  hosts: VerifiedHost[];
}
/**
 * What of a project is shown to whom.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "Visibility".
 */
export interface Visibility {
  /**
   * Dimensions whose values are hidden: `event:user`, `event:title`, `event:props:…`; at most
   * 50.
   */
  masked: string[];
  /**
   * Origins of pages that may ask with a stats key of the project; at most 50.
   */
  stats_origins: string[];
  /**
   * The least role that sees them all the same: `editor`, `admin` or `owner`. Keys of the scope
   * `stats:read` see what viewers see.
   */
  unmasked_from: string;
}
/**
 * Who wants to be forgotten.
 *
 * This interface was referenced by `Shapes`'s JSON-Schema
 * via the `definition` "WishToBeForgotten".
 */
export interface WishToBeForgotten {
  /**
   * The project's id, domain or one of its hosts.
   */
  domain: string;
  /**
   * The persistent id, as the browser of the visitor keeps it.
   */
  visitor_id: string;
}
