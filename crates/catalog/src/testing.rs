//! A PostgreSQL server of a test's own: Debian's programs in a temporary directory, reached through
//! a socket in it and not through any network, and gone with the value that stands for it. It
//! refuses to keep what is written through a power cut: nothing is synced.

use std::io::{BufRead, BufReader, Error, Read, Result};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

/// Where Debian puts the programs of each major version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Starts the server and ends it when its own input does: when the test drops it, and also when the
/// test is killed. `$0` is the program, the rest its arguments.
const WATCHED: &str = "\"$0\" \"$@\" <&- & server=$!; read -r _; kill -QUIT $server; wait $server";

/// What the server says once it takes connections.
const READY: &str = "ready to accept connections";

/// The settings of a server that nobody needs for long.
const SETTINGS: [&str; 9] = [
    "listen_addresses=",
    "autovacuum=off",
    "shared_buffers=8MB",
    "max_connections=60",
    "max_wal_senders=0",
    "wal_level=minimal",
    "lc_messages=C",
    "log_destination=stderr",
    "logging_collector=off",
];

/// A server that lives as long as this value.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    watcher: Child,
    home: tempfile::TempDir,
    databases: AtomicUsize,
}

impl Postgres {
    /// Starts a server with no database of ours in it.
    ///
    /// # Errors
    /// The programs are not installed, or the server did not start; the text is what it said.
    pub fn start() -> Result<Self> {
        let programs = programs()?;
        let home = tempfile::tempdir()?;
        let owner = owner(home.path())?;
        copy(&template(&programs)?, &home.path().join("data"))?;
        own(home.path(), owner)?;
        Ok(Self {
            watcher: start(&programs, home.path())?,
            programs,
            home,
            databases: AtomicUsize::new(0),
        })
    }

    /// Ends the server without a farewell and starts it again on the same data.
    ///
    /// # Errors
    /// It did not start.
    pub fn restart(&mut self) -> Result<()> {
        self.stop();
        self.watcher = start(&self.programs, self.home.path())?;
        Ok(())
    }

    /// Ends the server without a farewell; connections break.
    pub fn stop(&mut self) {
        drop(self.watcher.stdin.take());
        // It was waited for already when it is stopped twice.
        self.watcher.wait().ok();
    }

    /// The folder of the socket.
    pub fn path(&self) -> &Path {
        self.home.path()
    }

    /// Makes a new database and gives its name.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn database(&self) -> Result<String> {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::SeqCst));
        let mut command = Command::new(self.programs.join("createdb"));
        command.arg("--host").arg(self.path());
        let made = command.args(["--username=almanac", &name]).output()?;
        match made.status.success() {
            true => Ok(name),
            false => Err(Error::other(
                String::from_utf8_lossy(&made.stderr).into_owned(),
            )),
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The address of a database of the server whose socket is in that folder.
pub fn url(folder: &Path, database: &str) -> String {
    format!(
        "postgres:///{database}?host={}&user=almanac",
        folder.display()
    )
}

fn start(programs: &Path, home: &Path) -> Result<Child> {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(WATCHED)
        .arg(programs.join("postgres"));
    command
        .arg("-D")
        .arg(home.join("data"))
        .arg("-k")
        .arg(home)
        .arg("-F");
    for setting in SETTINGS {
        command.arg("-c").arg(setting);
    }
    let mut watcher = as_user(&mut command, owner(&home.join("data"))?)
        .current_dir(home)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let said = watcher
        .stderr
        .take()
        .ok_or_else(|| Error::other("no stderr"))?;
    wait_until_ready(said)?;
    Ok(watcher)
}

/// Reads what the server says until it takes connections, and goes on reading in a thread: a server
/// that cannot say anything stops.
fn wait_until_ready(said: impl Read + Send + 'static) -> Result<()> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(said).lines().map_while(Result::ok) {
            // Nobody listens any more once it is ready.
            sender.send(line).ok();
        }
    });
    let mut heard = String::new();
    for line in lines {
        if line.contains(READY) {
            return Ok(());
        }
        heard.push_str(&line);
        heard.push('\n');
    }
    Err(Error::other(format!("PostgreSQL did not start:\n{heard}")))
}

/// The programs of the newest version that is installed.
fn programs() -> Result<PathBuf> {
    let missing = || {
        Error::other(format!(
            "PostgreSQL is not installed ({DEBIAN}), so nothing can be said about the catalog on \
             it; run: apt-get install postgresql"
        ))
    };
    let versions = std::fs::read_dir(DEBIAN).map_err(|_| missing())?;
    let newest = versions
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|version| {
            Path::new(DEBIAN)
                .join(format!("{version}/bin/initdb"))
                .exists()
        })
        .max();
    Ok(Path::new(DEBIAN).join(format!("{}/bin", newest.ok_or_else(missing)?)))
}

/// An empty cluster, made once for each build folder: to copy one is faster than to make one.
fn template(programs: &Path) -> Result<PathBuf> {
    let version = programs
        .parent()
        .and_then(Path::file_name)
        .unwrap_or_default();
    let own_program = std::env::current_exe()?;
    let build = own_program.ancestors().nth(2);
    let build = build.ok_or_else(|| Error::other("the test has no build folder"))?;
    let path = build.join(format!("postgres-{}-template", version.display()));
    if path.exists() {
        return Ok(path);
    }
    let home = tempfile::tempdir()?;
    let owner = owner(home.path())?;
    own(home.path(), owner)?;
    let data = home.path().join("data");
    let mut command = Command::new(programs.join("initdb"));
    command.arg("--pgdata").arg(&data).current_dir(home.path());
    command.args(["--no-sync", "--auth=trust", "--username=almanac"]);
    command.args(["--encoding=UTF8", "--locale=C"]);
    let made = as_user(&mut command, owner).output()?;
    if !made.status.success() {
        return Err(Error::other(
            String::from_utf8_lossy(&made.stderr).into_owned(),
        ));
    }
    // Of several tests that make one at the same moment, the first that is done wins.
    let beside = tempfile::tempdir_in(build)?;
    copy(&data, &beside.path().join("data"))?;
    match std::fs::rename(beside.path().join("data"), &path) {
        Err(error) if !path.exists() => Err(error),
        _ => Ok(path),
    }
}

/// Whose the server is to be: who owns the directory, unless that is root, as whom PostgreSQL
/// refuses to run. None: whoever runs the test.
fn owner(directory: &Path) -> Result<Option<(u32, u32)>> {
    let (own_program, found) = (
        std::fs::metadata("/proc/self")?,
        std::fs::metadata(directory)?,
    );
    if own_program.uid() != 0 {
        return Ok(None);
    }
    if found.uid() != 0 {
        return Ok(Some((found.uid(), found.gid())));
    }
    let users = std::fs::read_to_string("/etc/passwd")?;
    let of = |name: &str| {
        let line = users
            .lines()
            .find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    Ok(of("postgres").or_else(|| of("nobody")))
}

fn as_user(command: &mut Command, owner: Option<(u32, u32)>) -> &mut Command {
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

/// Gives a directory with everything in it to a user.
fn own(path: &Path, owner: Option<(u32, u32)>) -> Result<()> {
    let Some((user, group)) = owner else {
        return Ok(());
    };
    std::os::unix::fs::chown(path, Some(user), Some(group))?;
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            own(&entry?.path(), owner)?;
        }
    }
    Ok(())
}

/// Copies a directory with everything in it; modes are kept.
fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir(to)?;
    std::fs::set_permissions(to, std::fs::metadata(from)?.permissions())?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
