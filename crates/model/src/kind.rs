//! The kinds of event. A kind is a value and a file in each stage (`kind/web.rs`,
//! `kind/tool_call.rs`, `kind/model_call.rs`), never a crate or a product of its own.

pub mod model_call;
pub mod tool_call;
pub mod web;

/// What sort of thing an event records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// A page was shown.
    Pageview = 0,
    /// Something that the site's owner named happened.
    Custom = 1,
    /// A page was read for some time: keeps a visit alive, changes no count.
    Engagement = 2,
    /// A tool was called.
    ToolCall = 3,
    /// An AI model was called.
    ModelCall = 4,
    /// A page or program failed.
    Error = 5,
    /// A page's loading or responsiveness was measured.
    WebVital = 6,
}

impl Kind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 7] = [
        Self::Pageview,
        Self::Custom,
        Self::Engagement,
        Self::ToolCall,
        Self::ModelCall,
        Self::Error,
        Self::WebVital,
    ];

    /// The code in files and queue records. Codes are never reused.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The kind with that code, if there is one.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The word for the kind in wires and exports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pageview => "pageview",
            Self::Custom => "custom",
            Self::Engagement => "engagement",
            Self::ToolCall => "tool_call",
            Self::ModelCall => "model_call",
            Self::Error => "error",
            Self::WebVital => "web_vital",
        }
    }

    /// Whether events of this kind count in `events` and `visitors` and can make a visit match a
    /// filter. Engagement and web vitals only describe what was counted already.
    pub fn is_counted(self) -> bool {
        !matches!(self, Self::Engagement | Self::WebVital)
    }

    /// Whether an event of this kind, when interactive, ends a bounce by itself.
    pub fn can_interact(self) -> bool {
        matches!(self, Self::Custom | Self::ToolCall | Self::ModelCall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_kinds() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
        }
        assert_eq!(Kind::from_code(7), None);
    }
}
