//! Log lines are what Terraform can read.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use awsbilling::protocol::wire::plugin::Empty;
use awsbilling::protocol::wire::plugin::grpc_controller_client::GrpcControllerClient;
use awsbilling::protocol::wire::tfplugin6::provider_client::ProviderClient;
use awsbilling::protocol::wire::tfplugin6::validate_resource_config;
use serde_json::Value;

use crate::client;
use crate::plugin::{Plugin, command};

/// Standard error of a plugin that was asked for its schema and for a resource that does not exist.
async fn lines(level: Option<(&str, &str)>) -> Vec<String> {
    let mut plugin = Plugin::start_with(command(), |command| {
        command.stderr(Stdio::piped());
        if let Some((variable, level)) = level {
            command.env(variable, level);
        }
    });
    let stderr = BufReader::new(plugin.process.stderr.take().unwrap());
    let reading = std::thread::spawn(move || stderr.lines().map(Result::unwrap).collect());

    let channel = plugin.connect().await;
    client::schema(&channel).await.unwrap();
    let request = validate_resource_config::Request {
        type_name: "x".repeat(300_000),
        ..Default::default()
    };
    let answer = ProviderClient::new(channel.clone())
        .validate_resource_config(request)
        .await;
    assert_eq!(
        answer.unwrap().into_inner().diagnostics[0].summary,
        "No such resource type"
    );
    GrpcControllerClient::new(channel)
        .shutdown(Empty {})
        .await
        .unwrap();
    reading.join().unwrap()
}

#[tokio::test]
async fn every_line_is_an_object_that_terraform_can_read() {
    let lines = lines(Some(("TF_LOG", "TRACE"))).await;
    let records: Vec<Value> = lines
        .iter()
        .map(|line| {
            assert!(line.len() + 1 < 64 * 1024, "{}", line.len());
            serde_json::from_str(line).unwrap()
        })
        .collect();
    for record in &records {
        for key in ["@level", "@message", "@module", "@timestamp"] {
            assert!(record[key].is_string(), "{record}");
        }
        assert!(
            ["trace", "debug", "info", "warn", "error"]
                .contains(&record["@level"].as_str().unwrap())
        );
        let time = record["@timestamp"].as_str().unwrap();
        let shape: String = time
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        assert_eq!(shape, "0000-00-00T00:00:00.000000Z");
    }
    let served = records
        .iter()
        .find(|record| {
            record["tf_rpc"] == "GetProviderSchema" && record["@message"] == "Request served"
        })
        .unwrap();
    assert!(served["tf_req_duration_ms"].is_u64());
    assert!(!served["tf_req_id"].as_str().unwrap().is_empty());
    assert_eq!(
        served["tf_provider_addr"],
        "registry.terraform.io/awsbilling/awsbilling"
    );
    let refused = records
        .iter()
        .find(|record| record["@level"] == "error")
        .unwrap();
    assert_eq!(refused["diagnostic_summary"], "No such resource type");
    assert!(
        refused["tf_resource_type"]
            .as_str()
            .unwrap()
            .starts_with("xxx")
    );
    assert_ne!(refused["tf_req_id"], served["tf_req_id"]);
}

#[tokio::test]
async fn the_level_decides_what_is_written() {
    assert_eq!(lines(None).await, Vec::<String>::new());
    let errors = lines(Some(("TF_LOG_PROVIDER_AWSBILLING", "ERROR"))).await;
    assert_eq!(errors.len(), 1, "{errors:?}");
}
