//! Whose traffic a question is about: that of people, or that of bots, which is kept apart and
//! never added to it. What a bot is stands in `docs/bots.md`.

use almanac_model::ProjectSettings;
use serde_json::Value;

/// The name of the member of a question that says it.
const MEMBER: &str = "traffic";

/// Whose traffic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Traffic {
    /// What people do.
    #[default]
    People,
    /// What bots do.
    Bots,
}

impl Traffic {
    /// Takes it out of a question, which stages after this one need not know.
    ///
    /// # Errors
    /// A word that is neither.
    pub fn take(question: &mut Value) -> Result<Self, String> {
        let said = question
            .as_object_mut()
            .and_then(|members| members.remove(MEMBER));
        match said.as_ref().map(Value::as_str) {
            None | Some(Some("people")) => Ok(Self::People),
            Some(Some("bots")) => Ok(Self::Bots),
            _ => Err(format!(
                "#/{MEMBER}: {} is neither \"people\" nor \"bots\"",
                said.unwrap_or_default()
            )),
        }
    }

    /// The project as it stands for that traffic.
    pub fn settings(self, project: &ProjectSettings) -> ProjectSettings {
        match self {
            Self::People => project.clone(),
            Self::Bots => project.of_bots(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_question_is_about_people_unless_it_says_otherwise() {
        for (said, expected) in [
            (json!({}), Ok(Traffic::People)),
            (json!({ "traffic": "people" }), Ok(Traffic::People)),
            (json!({ "traffic": "bots" }), Ok(Traffic::Bots)),
            (
                json!({ "traffic": "all" }),
                Err("#/traffic: \"all\" is neither \"people\" nor \"bots\"".to_owned()),
            ),
            (
                json!({ "traffic": 1 }),
                Err("#/traffic: 1 is neither \"people\" nor \"bots\"".to_owned()),
            ),
        ] {
            let mut question = said.clone();
            assert_eq!(Traffic::take(&mut question), expected, "{said}");
            assert_eq!(question, json!({}));
        }
    }
}
