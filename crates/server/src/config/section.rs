//! One declaration per section, from which come the struct, its documentation, the list of its
//! settings and the function that resolves it; so none of them can disagree with another.

/// Declares a section: its meaning, name and settings. Each setting is
/// `field: type = "VARIABLE", "default", reader, open|secret;` under a comment with its meaning.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $name:ident = $section:literal {
            $(
                $(#[doc = $meaning:literal])+
                $field:ident: $type:ty = $variable:literal, $default:literal,
                    $read:path, $kind:ident;
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone)]
        pub struct $name {
            $(
                $(#[doc = $meaning])+
                #[doc = concat!(" Variable `", $variable, "`, default `", $default, "`.")]
                pub $field: $type,
            )+
        }

        impl $name {
            /// What the section is about.
            pub(super) const ABOUT: &str = concat!($($about),+);
            /// The settings of the section, in the order of their declaration.
            pub(super) const SETTINGS: &[Setting] = &[
                $(Setting {
                    section: $section,
                    key: stringify!($field),
                    variable: $variable,
                    default: $default,
                    meaning: concat!($($meaning),+),
                    is_secret: section!(@is_secret $kind),
                },)+
            ];

            pub(super) fn resolve(sources: &Sources) -> Result<Self, ConfigError> {
                Ok(Self { $($field: sources.read($variable, $read)?,)+ })
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut fields = formatter.debug_struct(stringify!($name));
                $(section!(@debug fields, self, $field, $kind);)+
                fields.finish()
            }
        }
    };
    (@is_secret open) => { false };
    (@is_secret secret) => { true };
    (@debug $fields:ident, $self:ident, $field:ident, open) => {
        $fields.field(stringify!($field), &$self.$field);
    };
    (@debug $fields:ident, $self:ident, $field:ident, secret) => {
        $fields.field(stringify!($field), &$self.$field.as_ref().map(|_| "…"));
    };
}

pub(super) use section;
