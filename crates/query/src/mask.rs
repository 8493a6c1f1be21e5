//! What somebody may not see of a project: dimensions whose values are hidden. Split by one of
//! them, every event has the same value; a filter by one is refused, because its answer would tell
//! whether a guess is right. For whom they are hidden is decided elsewhere.

use almanac_model::{Dimension, Filter, TextColumn};

use crate::names::DimensionName;
use crate::parse::Named;
use crate::refusal::{Pointer, Refusal, quoted};
use crate::saved::Saved;

/// Dimensions that are hidden; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mask {
    hidden: Vec<Dimension>,
}

impl Mask {
    /// A mask over dimensions by their names in questions. Facts of single events about persons can
    /// be hidden: `event:user`, `event:title`, and properties. What every report is made of cannot.
    ///
    /// # Errors
    /// The first name that is none of these.
    pub fn read<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let read = |name: &str| match DimensionName::from_text(name) {
            Some(DimensionName::Plain(
                dimension @ (Dimension::Property(_)
                | Dimension::Event(TextColumn::User | TextColumn::Title)),
            )) => Ok(dimension),
            _ => Err(format!(
                "{} cannot be hidden; event:user, event:title and event:props:… can",
                quoted(name)
            )),
        };
        let hidden = names.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { hidden })
    }

    /// Whether nothing is hidden.
    pub fn is_empty(&self) -> bool {
        self.hidden.is_empty()
    }

    /// Whether values of that dimension are hidden.
    pub fn hides(&self, dimension: &Dimension) -> bool {
        self.hidden.contains(dimension)
    }

    /// What is saved, without what compares hidden values: who may not see them must not learn them
    /// from how a segment divides events.
    #[must_use]
    pub fn over_saved(&self, mut saved: Saved) -> Saved {
        let is_open = |filter: &Filter| !filter.compares(&|dimension| self.hides(dimension));
        saved.goals.retain(|goal| is_open(&goal.filter));
        saved.segments.retain(|segment| is_open(&segment.filter));
        saved
    }

    /// A dimension as it may be shown.
    pub(crate) fn over(&self, named: Named) -> Named {
        match &named.name {
            DimensionName::Plain(dimension) if self.hides(dimension) => Named {
                text: named.text,
                name: DimensionName::Masked,
            },
            _ => named,
        }
    }

    /// Refuses a filter that compares hidden values.
    pub(crate) fn refuse(&self, filter: &Filter, at: &Pointer) -> Result<(), Refusal> {
        if !filter.compares(&|dimension| self.hides(dimension)) {
            return Ok(());
        }
        let reason = "this dimension is hidden from your role; leave the filter out, or ask an \
                      admin of the project";
        Err(Refusal::new(at, reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saved::{Goal, Segment};
    use serde_json::json;

    #[test]
    fn only_facts_about_persons_can_be_hidden() {
        for name in ["event:user", "event:title", "event:props:e-mail"] {
            assert!(Mask::read([name]).is_ok(), "{name}");
        }
        for name in [
            "event:page",
            "visit:source",
            "event:props:",
            "time:day",
            "user",
            "",
        ] {
            assert!(Mask::read([name]).is_err(), "{name}");
        }
    }

    #[test]
    fn what_is_saved_over_hidden_values_is_not_there() {
        let goal = |name: &str, value| Goal::read(name, &value).unwrap();
        let goals = vec![
            goal("open", json!({"kind": "event", "event": "Buy"})),
            goal(
                "hidden",
                json!({"kind": "property", "property": "plan", "value": "pro"}),
            ),
        ];
        let segment = |id: &str, value| Segment::read(id, id, &value, &goals).unwrap();
        let segments = vec![
            segment("1", json!([["is", "event:page", ["/"]]])),
            segment(
                "2",
                json!([["not", ["has_done", ["is", "event:props:plan", ["pro"]]]]]),
            ),
            segment("3", json!([["is", "event:goal", ["hidden"]]])),
        ];
        let mask = Mask::read(["event:props:plan"]).unwrap();
        let left = mask.over_saved(Saved { goals, segments });
        let names: Vec<&str> = left.goals.iter().map(|goal| goal.name.as_str()).collect();
        let ids: Vec<&str> = left.segments.iter().map(|one| one.id.as_str()).collect();
        assert_eq!((names, ids), (vec!["open"], vec!["1"]));
    }
}
