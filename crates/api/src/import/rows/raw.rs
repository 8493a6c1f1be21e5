//! Raw rows: each becomes a draft and goes through the same steps as a live event. Equal rows are
//! told apart by how many came before, unless they have ids of their own.

use std::collections::{BTreeMap, HashMap};

use almanac_ingest::{
    Context, Draft, Hints, ModelDraft, Origin, Revenue, Sender, Signals, ToolDraft, process,
};
use almanac_model::{Event, EventId, Instant, Kind};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, BooleanArray, Int32Array, MapArray, RecordBatch};

use crate::import::access_log::Into;
use crate::import::{ImportError, ImportSalts};
use crate::recent::{RecentVisitors, Sighting};

/// Rows remembered to number equal ones. Equal rows carry the same time, so they are near.
const ROWS_REMEMBERED: usize = 200_000;

/// Makes events of raw rows, one batch after another.
pub(super) struct Enricher<'a> {
    into: Into<'a>,
    repeats: [HashMap<EventId, u64>; 2],
    salts: ImportSalts,
    recent: RecentVisitors,
}

impl<'a> Enricher<'a> {
    pub(super) fn new(into: Into<'a>) -> Self {
        Self {
            into,
            repeats: [HashMap::new(), HashMap::new()],
            salts: ImportSalts::default(),
            recent: RecentVisitors::new(None),
        }
    }

    /// The events of the rows that are not refused; the others are counted by reason.
    pub(super) fn events(
        &mut self,
        batch: &RecordBatch,
        refused: &mut BTreeMap<String, u64>,
    ) -> Result<Vec<Event>, ImportError> {
        let rows = RawRows::of(batch)?;
        let mut events = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            match self.event(&rows, row) {
                Ok(event) => events.push(event),
                Err(reason) => *refused.entry(reason.to_owned()).or_default() += 1,
            }
        }
        Ok(events)
    }

    fn event(&mut self, rows: &RawRows, row: usize) -> Result<Event, &'static str> {
        let id = match rows.text("id", row).parse::<uuid::Uuid>() {
            Ok(id) => EventId(id.as_u128()),
            Err(_) => self.numbered(rows.content_hash(row)),
        };
        let time = Instant(rows.times[row]);
        let sender = Sender {
            ip: rows.text("ip", row).parse().ok(),
            user_agent: rows.text("user_agent", row).to_owned(),
            received: time,
            origin: Origin::Client,
            signals: Signals::default(),
            hints: Hints::default(),
        };
        let salts = self.salts.of(&self.into, time);
        let settings = &self.into.entry.settings;
        let recent = |visitor, at| {
            self.recent
                .was_active(settings.id, visitor, at, settings.visit_gap_s)
        };
        // Rows of the past come in any order, and many of them have one time.
        let hurried = |_, _| false;
        let context = Context {
            project: settings,
            rules: &self.into.entry.rules,
            salts: &salts,
            places: self.into.places,
            agents: self.into.agents,
            recent: &recent,
            hurried: &hurried,
            data_centres: self.into.data_centres,
            random_id: id,
        };
        let mut draft = rows.draft(row);
        draft.id = Some(id);
        let event = process(&draft, &sender, &context).map_err(|refused| refused.reason.name())?;
        self.recent.saw(&Sighting::of(&event), event.time);
        Ok(event)
    }

    /// The id of a row: its own hash and how many equal rows came before.
    fn numbered(&mut self, hash: EventId) -> EventId {
        let [current, previous] = &mut self.repeats;
        let known = current.get(&hash).or_else(|| previous.get(&hash));
        let before = known.copied().unwrap_or(0);
        current.insert(hash, before + 1);
        if current.len() >= ROWS_REMEMBERED {
            *previous = std::mem::take(current);
        }
        EventId(hash.0.wrapping_add(u128::from(before)))
    }
}

/// The columns of a batch, by name.
struct RawRows<'a> {
    times: &'a [i64],
    texts: HashMap<String, (&'a Int32Array, Vec<&'a str>)>,
    numbers: HashMap<String, Vec<Option<i64>>>,
    interactive: Option<&'a BooleanArray>,
    properties: Option<&'a MapArray>,
}

impl<'a> RawRows<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self, ImportError> {
        let times = batch.column_by_name("time");
        let times = times.and_then(|array| array.as_primitive_opt::<TimestampMicrosecondType>());
        let times = times
            .filter(|times| times.null_count() == 0)
            .ok_or_else(|| {
                ImportError::Rows(
                    "each raw row needs a time, as a timestamp in microseconds".to_owned(),
                )
            })?;
        let mut rows = Self {
            times: times.values(),
            texts: HashMap::new(),
            numbers: HashMap::new(),
            interactive: None,
            properties: None,
        };
        let schema = batch.schema();
        for (field, array) in schema.fields().iter().zip(batch.columns()) {
            let name = field.name().clone();
            if let Some(dictionary) = array.as_dictionary_opt::<Int32Type>() {
                let Some(values) = dictionary.values().as_string_opt::<i32>() else {
                    continue;
                };
                let values = values.iter().map(Option::unwrap_or_default);
                rows.texts
                    .insert(name, (dictionary.keys(), values.collect()));
            } else if let Some(numbers) = array.as_primitive_opt::<Int64Type>() {
                rows.numbers.insert(name, numbers.iter().collect());
            } else if let Some(flags) = array.as_boolean_opt() {
                rows.interactive = Some(flags);
            } else if let Some(map) = array.as_map_opt() {
                rows.properties = Some(map);
            }
        }
        Ok(rows)
    }

    fn text(&self, name: &str, row: usize) -> &'a str {
        let Some((keys, values)) = self.texts.get(name) else {
            return "";
        };
        if keys.is_null(row) {
            return "";
        }
        let value = usize::try_from(keys.value(row)).ok();
        value
            .and_then(|key| values.get(key))
            .copied()
            .unwrap_or_default()
    }

    fn number(&self, name: &str, row: usize) -> Option<i64> {
        *self.numbers.get(name)?.get(row)?
    }

    fn draft(&self, row: usize) -> Draft {
        let text = |name| self.text(name, row).to_owned();
        let some = |name| Some(self.text(name, row).to_owned()).filter(|text| !text.is_empty());
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.name() == self.text("kind", row));
        let flags = self.interactive;
        let interactive = flags.is_none_or(|flags| flags.is_null(row) || flags.value(row));
        let revenue = self.number("revenue_micros", row).map(|micros| Revenue {
            currency: text("currency"),
            micros,
        });
        let name = text("name");
        let is_unnamed = name.is_empty() && kind.is_none();
        Draft {
            name: if is_unnamed {
                Kind::Pageview.name().to_owned()
            } else {
                name
            },
            kind,
            pageless: self.text("url", row).is_empty() && !is_unnamed,
            url: text("url"),
            referrer: text("referrer"),
            title: text("title"),
            screen: text("screen"),
            language: text("language"),
            time_zone: text("time_zone"),
            country: some("country"),
            properties: self.properties(row),
            revenue,
            interactive,
            scroll_depth: self.number("scroll_depth", row),
            engaged_ms: self.number("engaged_ms", row),
            visitor: some("visitor"),
            user: some("user"),
            client_session: some("client_session"),
            tool: (!self.text("tool", row).is_empty()).then(|| self.tool(row)),
            model: (!self.text("model", row).is_empty()).then(|| self.model(row)),
            ..Draft::default()
        }
    }

    fn tool(&self, row: usize) -> ToolDraft {
        let text = |name| self.text(name, row).to_owned();
        ToolDraft {
            name: text("tool"),
            service: text("service"),
            version: text("version"),
            status: text("status"),
            error_type: text("error_type"),
            duration_us: self.number("duration_us", row),
            cache_hit: self.number("cache_hit", row).map(|hit| hit != 0),
        }
    }

    fn model(&self, row: usize) -> ModelDraft {
        let text = |name| self.text(name, row).to_owned();
        let number = |name| self.number(name, row);
        ModelDraft {
            provider: text("provider"),
            name: text("model"),
            version: text("model_version"),
            operation: text("operation"),
            status: text("status"),
            error_type: text("error_type"),
            finish_reason: text("finish_reason"),
            duration_us: number("duration_us"),
            first_token_us: number("first_token_us"),
            input_tokens: number("input_tokens"),
            output_tokens: number("output_tokens"),
            cached_tokens: number("cached_tokens"),
            cache_write_tokens: number("cache_write_tokens"),
            reasoning_tokens: number("reasoning_tokens"),
            cost_nanos: number("cost_nanos"),
            quality_micros: number("quality_micros"),
        }
    }

    fn properties(&self, row: usize) -> Vec<(String, String)> {
        let entries = self.properties.filter(|map| map.is_valid(row));
        let Some(entries) = entries.map(|map| map.value(row)) else {
            return Vec::new();
        };
        let text = |at: usize, entry: usize| {
            let texts = entries.column(at).as_string_opt::<i32>();
            texts.map_or_else(String::new, |texts| texts.value(entry).to_owned())
        };
        (0..entries.len())
            .map(|entry| (text(0, entry), text(1, entry)))
            .collect()
    }

    /// A hash of everything that the row says.
    fn content_hash(&self, row: usize) -> EventId {
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(b"raw row")
            .update(&self.times[row].to_le_bytes());
        let mut names: Vec<&String> = self.texts.keys().collect();
        names.sort_unstable();
        for name in names {
            let text = self.text(name, row);
            if !text.is_empty() {
                hasher.update(name.as_bytes()).update(&[0]);
                hasher.update(text.as_bytes()).update(&[0]);
            }
        }
        let mut numbers: Vec<_> = self.numbers.iter().collect();
        numbers.sort_unstable_by_key(|(name, _)| *name);
        for (name, values) in numbers {
            if let Some(value) = values[row] {
                hasher.update(name.as_bytes()).update(&value.to_le_bytes());
            }
        }
        for (name, value) in self.properties(row) {
            hasher.update(name.as_bytes()).update(&[0]);
            hasher.update(value.as_bytes()).update(&[0]);
        }
        let hash = hasher.finalize();
        let (first, _) = hash
            .as_bytes()
            .split_first_chunk::<16>()
            .unwrap_or((&[0; 16], &[]));
        EventId(u128::from_le_bytes(*first))
    }
}
