//! `almanac doctor`: looks at an installation from outside and says what is wrong and what to do.
//! It changes nothing.

use std::path::Path;

use almanac_catalog::{project, setup};
use serde_json::json;

use crate::cli::{ExitCode, Failure, World, existing_catalog};
use crate::config::{Config, MailTls};
use crate::dead_letters::DeadLetters;
use crate::local::RunningServer;
use crate::mail::Post;

/// Below this the disk is called nearly full, bytes.
const FREE_BYTES_LOW: u64 = 1 << 30;

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    /// What is wrong, and the remedy; nothing when all is well.
    problem: Option<String>,
    detail: String,
}

/// Does the command. Fails when something is wrong.
pub(crate) async fn run(world: &mut World<'_>) -> anyhow::Result<()> {
    let findings = look(world).await?;
    let wrong = findings
        .iter()
        .filter(|finding| finding.problem.is_some())
        .count();
    if world.output.as_json {
        let shape = |finding: &Finding| {
            let Finding {
                what,
                detail,
                problem,
            } = finding;
            json!({ "what": what, "detail": detail, "problem": problem })
        };
        let all: Vec<_> = findings.iter().map(shape).collect();
        writeln!(
            world.output.to,
            "{:#}",
            json!({ "findings": all, "problems": wrong })
        )?;
    } else {
        for finding in &findings {
            let mark = if finding.problem.is_some() {
                "!!"
            } else {
                "ok"
            };
            writeln!(
                world.output.to,
                "{mark}  {:<16} {}",
                finding.what, finding.detail
            )?;
            if let Some(problem) = &finding.problem {
                writeln!(world.output.to, "    {problem}")?;
            }
        }
    }
    match wrong {
        0 => Ok(()),
        1 => Err(Failure::new(ExitCode::Failed, "1 thing is wrong; see above").into()),
        many => Err(Failure::new(
            ExitCode::Failed,
            format!("{many} things are wrong; see above"),
        )
        .into()),
    }
}

async fn look(world: &World<'_>) -> anyhow::Result<Vec<Finding>> {
    let dir = world.config.data.dir.as_path();
    let catalog = existing_catalog(&world.config.data).await?;
    let projects = project::list(&catalog).await?;
    let letters = DeadLetters::open(dir)?.list()?.len();
    Ok(vec![
        Finding {
            what: "data directory",
            problem: None,
            detail: dir.display().to_string(),
        },
        disk(dir)?,
        server(dir),
        Finding {
            what: "owner",
            problem: setup::needed(&catalog).await?.then(|| {
                "nobody owns this instance; open the link that `almanac serve` prints, or use \
                 `almanac user add`"
                    .to_owned()
            }),
            detail: String::new(),
        },
        Finding {
            what: "projects",
            problem: projects
                .is_empty()
                .then(|| "there is none; add one with `almanac project add`".to_owned()),
            detail: projects.len().to_string(),
        },
        Finding {
            what: "dead letters",
            problem: (letters > 0).then(|| {
                "some records could not be stored; see `almanac dead-letters list`".to_owned()
            }),
            detail: letters.to_string(),
        },
        mail(&world.config).await?,
    ])
}

/// Whether the mail server answers, and links in letters lead somewhere. No letter is sent.
async fn mail(config: &Config) -> anyhow::Result<Finding> {
    let settings = &config.mail;
    let found = |detail: String, problem: Option<String>| Finding {
        what: "mail",
        problem,
        detail,
    };
    let Some(post) = Post::new(settings)? else {
        let detail = "not set up; pass links of invitations and resets on yourself";
        return Ok(found(detail.to_owned(), None));
    };
    let host = settings.host.as_deref().unwrap_or_default();
    let detail = format!("{host}:{}", settings.port());
    let problem = match post.try_it().await {
        Err(trouble) => Some(format!(
            "{}; see [mail] of the configuration",
            trouble.reason
        )),
        Ok(()) if config.http.base_url.is_none() => {
            let address = config.base_url();
            Some(format!(
                "links in letters lead to {address}; set ALMANAC_BASE_URL"
            ))
        }
        Ok(()) if settings.tls == MailTls::None => {
            Some("letters travel without TLS; set ALMANAC_MAIL_TLS to starttls or tls".to_owned())
        }
        Ok(()) => None,
    };
    Ok(found(detail, problem))
}

fn disk(dir: &Path) -> anyhow::Result<Finding> {
    let disk = rustix::fs::statvfs(dir)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let problem = (free < FREE_BYTES_LOW)
        .then(|| "the disk is nearly full; when it is, events are answered with 503".to_owned());
    let detail = indicatif::HumanBytes(free).to_string() + " free";
    Ok(Finding {
        what: "disk",
        problem,
        detail,
    })
}

fn server(dir: &Path) -> Finding {
    let running = RunningServer::find(dir).is_some();
    let detail = if running { "running" } else { "not running" };
    Finding {
        what: "server",
        problem: None,
        detail: detail.to_owned(),
    }
}
