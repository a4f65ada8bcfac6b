//! `run`: a world for as long as one command runs.
//!
//! Ctrl-C reaches the command from the terminal, as it is in the same process group; here it only must not end the
//! world under the command's feet. A request to terminate comes to us alone, so it is passed on.

use std::process::{ExitCode, ExitStatus};

use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::environment::{accounts, profiles, terraform_configuration, variables};
use super::{Error, Run, runtime};

/// Where the simulator is.
const LOOPBACK: &str = "127.0.0.1";

pub(crate) fn run(options: &Run) -> Result<ExitCode, Error> {
    let simulator = options.world.start()?;
    let accounts = accounts(&simulator);
    let directory = TempDir::with_prefix("aws-simulator-")?;

    let mut command = Command::new(&options.command);
    command.args(&options.arguments);
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_"))
    {
        command.env_remove(name);
    }
    command.envs(variables(&simulator, &accounts));
    for name in ["NO_PROXY", "no_proxy"] {
        // Whatever proxy there is, it is not for the loopback interface.
        let others = std::env::var(name).unwrap_or_default();
        command.env(
            name,
            if others.is_empty() {
                LOOPBACK.to_owned()
            } else {
                format!("{others},{LOOPBACK}")
            },
        );
    }
    let (config, credentials) = profiles(&accounts);
    let mut files = vec![
        ("AWS_CONFIG_FILE", "config", config),
        ("AWS_SHARED_CREDENTIALS_FILE", "credentials", credentials),
    ];
    if !options.dev_overrides.is_empty() {
        files.push((
            "TF_CLI_CONFIG_FILE",
            "terraform.tfrc",
            terraform_configuration(&options.dev_overrides),
        ));
    }
    for (variable, name, content) in files {
        let path = directory.path().join(name);
        std::fs::write(&path, content)?;
        command.env(variable, path);
    }
    let status = runtime()?.block_on(async {
        // Before there is a command that could be waited for in vain.
        let signals = Signals::install()?;
        let child = command
            .spawn()
            .map_err(|error| format!("{}: {error}", options.command.display()))?;
        Ok::<_, Error>(wait(child, signals).await?)
    })?;
    Ok(exit_code(status))
}

async fn wait(mut child: Child, mut signals: Signals) -> std::io::Result<ExitStatus> {
    let pid = child.id();
    let mut ended = std::pin::pin!(child.wait());
    loop {
        tokio::select! {
            status = &mut ended => return status,
            () = signals.terminated() => pass_on_termination(pid),
        }
    }
}

/// The signals that would end this process. Interrupts are taken and forgotten.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    _interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn install() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            _interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn terminated(&mut self) {
        if self.terminate.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
fn pass_on_termination(pid: Option<u32>) {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = pid
        .and_then(|pid| i32::try_from(pid).ok())
        .and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // A command that has just ended needs no signal.
        let _ = kill_process(pid, Signal::TERM);
    }
}

#[cfg(windows)]
struct Signals {
    _interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl Signals {
    fn install() -> std::io::Result<Self> {
        Ok(Self {
            _interrupt: tokio::signal::windows::ctrl_c()?,
        })
    }

    /// There is no request to terminate here that a process could hear.
    async fn terminated(&mut self) {
        std::future::pending().await
    }
}

#[cfg(windows)]
fn pass_on_termination(_: Option<u32>) {}

/// The command's own code; 128 and the signal's number if one ended it, as shells have it.
fn exit_code(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    let code = status
        .code()
        .or(signal.map(|signal| 128 + signal))
        .unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
