//! The binary: a command in a world, and questions to it.
#![cfg(unix)]

use std::process::{Command, Output};

use aws_simulator::Simulator;

fn simulator() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aws-simulator"));
    command.env_remove("AWS_SIMULATOR_ENDPOINT");
    command
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn a_command_runs_in_an_environment_that_leads_to_the_simulator() {
    let script = r#"env | grep -E '^(AWS_|TF_CLI)' | sort; cat "$AWS_CONFIG_FILE" "$TF_CLI_CONFIG_FILE"; exit 7"#;
    let mut command = simulator();
    command
        .env("AWS_PROFILE", "elsewhere")
        .env("AWS_SESSION_TOKEN", "leaked");
    command.args([
        "run",
        "--dev-override",
        "example/example=/provider",
        "--",
        "sh",
        "-c",
        script,
    ]);
    let output = command.output().unwrap();
    let text = text(&output);
    assert_eq!(output.status.code(), Some(7), "{text}");
    assert!(
        text.contains("AWS_ENDPOINT_URL=http://127.0.0.1:"),
        "{text}"
    );
    assert!(text.contains("AWS_ACCESS_KEY_ID=AKIA"), "{text}");
    assert!(text.contains("[profile partner]"), "{text}");
    assert!(
        text.contains("\"example/example\" = \"/provider\""),
        "{text}"
    );
    assert!(!text.contains("elsewhere"), "{text}");
    assert!(!text.contains("leaked"), "{text}");
}

#[test]
fn proxies_are_not_for_the_simulator() {
    let script = r#"echo "$NO_PROXY $no_proxy""#;
    let mut command = simulator();
    command
        .env("NO_PROXY", "example.com")
        .env_remove("no_proxy")
        .args(["run", "--", "sh", "-c", script]);
    assert_eq!(
        text(&command.output().unwrap()),
        "example.com,127.0.0.1 127.0.0.1\n"
    );
}

#[test]
fn the_usual_seed_can_be_printed_and_used() {
    let printed = simulator().arg("seed").output().unwrap();
    let seed = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(seed.path(), &printed.stdout).unwrap();
    let output = simulator()
        .args(["run", "--seed"])
        .arg(seed.path())
        .args(["--", "true"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
}

#[test]
fn a_running_simulator_is_asked_from_inside() {
    let binary = env!("CARGO_BIN_EXE_aws-simulator");
    let script = format!(
        "{binary} advance 16d && {binary} show && {binary} calls && {binary} reset && {binary} show"
    );
    let output = simulator()
        .args(["run", "--", "sh", "-c", &script])
        .output()
        .unwrap();
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("It is 2026-12-06T09:00:00Z now."), "{text}");
    assert!(
        text.contains("Simulated time: 2026-12-06 09:00 UTC"),
        "{text}"
    );
    assert!(
        text.contains("Simulated time: 2026-11-20 09:00 UTC"),
        "{text}"
    );
}

#[test]
fn a_seed_with_faults_is_refused_with_all_of_them() {
    let seed = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        seed.path(),
        r#"{"accounts": [{"name": "A"}, {"name": "B", "id": "1"}]}"#,
    )
    .unwrap();
    let output = simulator()
        .args(["run", "--seed"])
        .arg(seed.path())
        .args(["--", "true"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = text(&output);
    assert!(
        text.contains("accounts[0].id: an account needs an ID here."),
        "{text}"
    );
    assert!(
        text.contains("accounts[1].id: \"1\" must have 12 digits."),
        "{text}"
    );
}

#[test]
fn mistakes_on_the_command_line_are_explained() {
    let cases: [(&[&str], &str); 5] = [
        (&["bogus"], "there is no command \"bogus\""),
        (&["run"], "which command is to run?"),
        (&["show"], "which simulator?"),
        (
            &["advance", "--endpoint", "http://127.0.0.1:9", "soon"],
            "is no length of time",
        ),
        (&["serve", "--colour"], "invalid option '--colour'"),
    ];
    for (arguments, expected) in cases {
        let output = simulator().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output).contains(expected), "{}", text(&output));
    }
    for (option, expected) in [
        ("--help", "Usage:"),
        ("--version", "aws-simulator 0."),
        ("-h", "Usage:"),
    ] {
        let output = simulator().arg(option).output().unwrap();
        assert!(output.status.success() && text(&output).contains(expected));
    }
}

#[test]
fn a_simulator_of_a_test_can_be_asked_too() {
    let running = Simulator::start_blocking().unwrap();
    running.create_account("Lonely");
    let output = simulator()
        .args(["show", "--endpoint", &running.endpoint()])
        .output()
        .unwrap();
    assert!(text(&output).contains("Lonely"), "{}", text(&output));
    let endpoint = running.endpoint();
    drop(running);
    let output = simulator()
        .args(["show", "--endpoint", &endpoint])
        .output()
        .unwrap();
    assert!(
        text(&output).contains("no simulator answers at"),
        "{}",
        text(&output)
    );
}

#[test]
fn a_signal_that_ends_the_command_is_told_as_shells_do() {
    let output = simulator()
        .args(["run", "--", "sh", "-c", "kill -9 $$"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(137));
}

#[test]
fn a_request_to_terminate_is_passed_on() {
    let script = "trap 'exit 42' TERM; echo ready; while true; do sleep 0.05; done";
    let mut child = simulator()
        .args(["run", "--", "sh", "-c", script])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut reader = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut reader, &mut line).unwrap();
    Command::new("kill")
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(42));
}

#[test]
fn an_interrupt_is_for_the_command() {
    let script = "echo ready; sleep 0.5; exit 5";
    let mut child = simulator()
        .args(["run", "--", "sh", "-c", script])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut reader = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut reader, &mut line).unwrap();
    // A terminal interrupts the whole group; here only the simulator is, and must not care.
    Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(5));
}
