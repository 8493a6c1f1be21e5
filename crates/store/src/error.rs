//! Why the store could not do what it was asked. It does not decide what a client is told.

use std::path::{Path, PathBuf};

use almanac_model::ProjectId;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or directory could not be read or written.
    #[error("could not {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// A file does not hold what the manifest says.
    #[error("{} is damaged: {detail}; restore it from a backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// Another process has the store open.
    #[error("{} is held by another process; stop that one first", path.display())]
    Locked {
        /// The manifest.
        path: PathBuf,
    },
    /// The manifest could not be read or committed.
    #[error("the manifest failed: {source}; is the disk full?")]
    Manifest {
        /// Why it failed.
        #[source]
        source: Box<redb::Error>,
    },
    /// The directory was written by a version that this one does not know.
    #[error(
        "the store has format {found}, this version reads up to {supported}; use a newer version"
    )]
    Format {
        /// What the manifest says.
        found: u64,
        /// The newest format known here.
        supported: u64,
    },
    /// Events of a project that was never announced.
    #[error("project {} is unknown to the store; put its settings first", .0.0)]
    UnknownProject(ProjectId),
    /// An event of one project was loaded into another.
    #[error("an event of project {} was given for project {}", found.0, wanted.0)]
    ForeignEvent {
        /// Whose event it is.
        found: ProjectId,
        /// Where it was to go.
        wanted: ProjectId,
    },
    /// The zone decides the partitions, so it cannot change once there are events.
    #[error(
        "project {} has events by the days of {kept}; its time zone cannot become {wanted}",
        project.0
    )]
    ZoneIsFixed {
        /// The project.
        project: ProjectId,
        /// The zone its days follow.
        kept: String,
        /// The zone that was asked for.
        wanted: String,
    },
    /// A zone without an IANA name cannot be kept.
    #[error("the time zone of project {} has no IANA name", .0.0)]
    ZoneWithoutName(ProjectId),
    /// Rows of a bulk load are not what they should be.
    #[error("the rows cannot be loaded: {detail}")]
    Rows {
        /// Which column, and what is wrong with it.
        detail: String,
    },
    /// The data could not be laid out in columns; a fault of this program.
    #[error("events could not be laid out in columns")]
    Columns(#[from] arrow_schema::ArrowError),
}

impl StoreError {
    /// For `map_err` on an action that touches a path.
    pub(crate) fn io(
        action: &'static str,
        path: &Path,
    ) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// For `map_err` on reading a file whose content is not as expected.
    pub(crate) fn damaged<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> Self + use<E> {
        let path = path.to_owned();
        move |error| Self::Damaged {
            path,
            detail: error.to_string(),
        }
    }

    /// For `map_err` on the manifest's database.
    pub(crate) fn manifest<E: Into<redb::Error>>(error: E) -> Self {
        Self::Manifest {
            source: Box::new(error.into()),
        }
    }
}
