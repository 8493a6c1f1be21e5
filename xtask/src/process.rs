//! Starting other programs. A command streams its output as it comes, standard output and standard
//! error in one order, and may be read afterwards. It never goes through a shell.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The top folder of the repository.
pub(crate) fn root() -> PathBuf {
    let own_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    own_folder.parent().unwrap_or(own_folder).to_path_buf()
}

/// A command that starts in `folder`, relative to the top of the repository.
pub(crate) fn command(folder: &str, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root().join(folder)).args(arguments);
    command
}

/// A cargo command at the top of the repository.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    command("", "cargo", arguments)
}

/// What a command wrote and whether it succeeded.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) success: bool,
    pub(crate) output: String,
}

/// Runs a command to its end, showing its output while it comes.
pub(crate) fn stream(mut command: Command) -> Result<Finished> {
    let shown = show(&command);
    println!("$ {shown}");
    let (reader, writer) = std::io::pipe().context("no pipe for a command's output")?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start `{shown}`"))?;
    // The command keeps its ends of the pipe open; without them the reader below sees the end.
    drop(command);
    let mut output = String::new();
    let mut line = Vec::new();
    let mut lines = BufReader::new(reader);
    while lines.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        output.push_str(&text);
        line.clear();
    }
    Ok(Finished {
        success: child.wait()?.success(),
        output,
    })
}

/// Runs a command to its end, showing its output; a failure is an error.
pub(crate) fn must(command: Command) -> Result<()> {
    let shown = show(&command);
    if !stream(command)?.success {
        bail!("`{shown}` failed; its output is above");
    }
    Ok(())
}

/// Runs a command silently and returns its standard output; `None` when it cannot start or fails.
pub(crate) fn read(mut command: Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program can be started at all.
pub(crate) fn exists(program: &str) -> bool {
    read(command("", program, &["--version"])).is_some()
}

fn show(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|argument| argument.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_in_the_order_it_wrote() {
        let script = "echo one; echo two >&2; echo three; exit 3";
        let finished = stream(command("", "sh", &["-c", script])).unwrap();
        assert_eq!(finished.output, "one\ntwo\nthree\n");
        assert!(!finished.success);
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = must(command("", "no-such-program-here", &[])).unwrap_err();
        assert!(
            error.to_string().contains("no-such-program-here"),
            "{error}"
        );
        assert!(!exists("no-such-program-here"));
    }
}
