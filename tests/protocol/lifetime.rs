//! How the process starts, what does not end it, and what it leaves behind.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use awsbilling::protocol::wire::health::HealthCheckRequest;
use awsbilling::protocol::wire::health::health_client::HealthClient;
use awsbilling::protocol::wire::plugin::Empty;
use awsbilling::protocol::wire::plugin::grpc_broker_client::GrpcBrokerClient;
use awsbilling::protocol::wire::plugin::grpc_controller_client::GrpcControllerClient;
use awsbilling::protocol::wire::plugin::grpc_stdio_client::GrpcStdioClient;
use tonic::Code;

use crate::client;
use crate::plugin::{Plugin, command, ended_within};

#[tokio::test]
async fn a_client_with_the_right_certificate_is_served() {
    let plugin = Plugin::start();
    assert_eq!(plugin.fields.len(), 6);
    assert_eq!(plugin.fields[..3], ["1", "6", "unix"]);
    assert_eq!(plugin.fields[4], "grpc");
    let schema = client::schema(&plugin.connect().await).await.unwrap();
    assert!(schema.provider.is_some());
    let capabilities = schema.server_capabilities.unwrap();
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional);
    assert!(capabilities.move_resource_state);
}

#[test]
fn only_the_user_can_reach_the_socket() {
    let plugin = Plugin::start();
    assert_eq!(mode(&plugin.socket()), 0o600);
    assert_eq!(mode(plugin.socket().parent().unwrap()), 0o700);
}

#[test]
fn a_named_group_can_reach_the_socket_too() {
    let own = String::from_utf8(Command::new("id").arg("-g").output().unwrap().stdout).unwrap();
    let plugin = Plugin::start_with(command(), |command| {
        command.env("PLUGIN_UNIX_SOCKET_GROUP", own.trim());
    });
    assert_eq!(mode(&plugin.socket()), 0o660);
    assert_eq!(mode(plugin.socket().parent().unwrap()), 0o710);
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn shutdown_ends_the_process_and_leaves_nothing() {
    let mut plugin = Plugin::start();
    let channel = plugin.connect().await;
    let mut output = GrpcStdioClient::new(channel.clone())
        .stream_stdio(())
        .await
        .unwrap()
        .into_inner();
    let mut broker = GrpcBrokerClient::new(channel.clone())
        .start_stream(tokio_stream::pending())
        .await
        .unwrap()
        .into_inner();

    GrpcControllerClient::new(channel)
        .shutdown(Empty {})
        .await
        .unwrap();

    // Both streams end by themselves.
    assert!(output.message().await.unwrap().is_none());
    assert!(broker.message().await.unwrap().is_none());
    let status = plugin
        .ended_within(Duration::from_secs(2))
        .expect("still there");
    assert!(status.success());
    assert_eq!(plugin.rest_of_stdout(), "");
    assert_eq!(plugin.left_behind(), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn health_is_that_of_the_service_named_plugin() {
    let plugin = Plugin::start();
    let mut health = HealthClient::new(plugin.connect().await);
    let ask = |service: &str| HealthCheckRequest {
        service: service.to_owned(),
    };
    assert_eq!(
        health
            .check(ask("plugin"))
            .await
            .unwrap()
            .into_inner()
            .status,
        1
    );
    assert_eq!(
        health.check(ask("other")).await.unwrap_err().code(),
        Code::NotFound
    );
    let mut watch = health.watch(ask("plugin")).await.unwrap().into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().status, 1);
}

/// Ctrl-C reaches the whole process group. A provider that died of it would lose what is under way.
#[tokio::test]
async fn signals_are_ignored_while_terraform_lives() {
    let mut plugin = Plugin::start();
    assert!(plugin.is_well().await);
    for signal in ["INT", "TERM", "HUP", "INT"] {
        plugin.signal(signal);
        assert!(
            plugin.ended_within(Duration::from_millis(100)).is_none(),
            "died of {signal}"
        );
    }
    assert!(plugin.is_well().await);
}

#[tokio::test]
async fn the_process_ends_when_its_parent_is_killed() {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "\"$0\" & wait"])
        .arg(command().get_program());
    let mut plugin = Plugin::start_with(shell, |_| {});
    let _open = plugin.connect().await;
    assert_eq!(plugin.left_behind().len(), 1);

    plugin.process.kill().unwrap();
    plugin.process.wait().unwrap();

    // Standard output is closed when the last process that has it is gone.
    let ended = tokio::task::spawn_blocking(move || {
        assert_eq!(plugin.rest_of_stdout(), "");
        plugin.left_behind()
    });
    let left = tokio::time::timeout(Duration::from_secs(5), ended).await;
    assert!(left.expect("still there").unwrap().is_empty());
}

#[tokio::test]
async fn debugging_prints_how_to_find_the_process_and_ends_when_interrupted() {
    for signal in ["INT", "TERM"] {
        let mut process = command()
            .arg("--debug")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let value = line
            .trim_end()
            .strip_prefix("TF_REATTACH_PROVIDERS='")
            .unwrap();
        let value: serde_json::Value =
            serde_json::from_str(value.strip_suffix('\'').unwrap()).unwrap();
        let reattach = &value["registry.terraform.io/awsbilling/awsbilling"];
        assert_eq!(reattach["Protocol"], "grpc");
        assert_eq!(reattach["ProtocolVersion"], 6);
        assert_eq!(reattach["Pid"], process.id());
        assert_eq!(reattach["Test"], true);
        assert_eq!(reattach["Addr"]["Network"], "unix");
        let socket = Path::new(reattach["Addr"]["String"].as_str().unwrap());
        let channel = client::connect(socket, None).await.unwrap();
        assert!(client::schema(&channel).await.is_ok());
        drop(channel);

        let id = process.id().to_string();
        Command::new("kill")
            .args(["-s", signal, &id])
            .status()
            .unwrap();
        assert!(
            ended_within(&mut process, Duration::from_secs(2))
                .unwrap()
                .success()
        );
        assert!(!socket.parent().unwrap().exists());
    }
}

#[test]
fn a_person_may_ask_for_version_and_help() {
    for (option, expected) in [
        (
            "--version",
            concat!(
                "terraform-provider-awsbilling ",
                env!("CARGO_PKG_VERSION"),
                "\n"
            ),
        ),
        ("--help", "--debug"),
    ] {
        let mut process = command()
            .arg(option)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        assert!(process.wait().unwrap().success());
        let mut printed = String::new();
        process
            .stdout
            .unwrap()
            .read_to_string(&mut printed)
            .unwrap();
        assert!(printed.contains(expected), "{printed}");
    }
}
