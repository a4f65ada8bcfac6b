//! Memory of a provider that waits and of one that is configured. What a refresh needs stands with the
//! refresh.

use std::time::Duration;

use aws_simulator::Simulator;
use awsbilling::framework::Server;
use awsbilling::framework::erased::Provider as _;
use awsbilling::protocol::dynamic_value;
use awsbilling::protocol::wire::tfplugin6::configure_provider;
use awsbilling::protocol::wire::tfplugin6::provider_client::ProviderClient;
use awsbilling::provider::AwsBilling;

use crate::figure::Row;
use crate::plugin::{self, Plugin};
use crate::{Options, client, core, process};

/// Time for threads of the start to come to rest.
const REST: Duration = Duration::from_millis(200);

pub(crate) fn measure(_: &Options, print: &mut dyn FnMut(Row)) {
    let simulator = Simulator::start_blocking().unwrap();
    let partner = simulator.create_account("Example Partner");
    let plugin = Plugin::start_with(plugin::command(), |command| {
        command.envs(simulator.environment(&partner.key));
    });
    let print_memory = |what: &str, target: f64, print: &mut dyn FnMut(Row)| {
        std::thread::sleep(REST);
        print(match process::resident(plugin.process.id()) {
            Some(memory) => Row::new(what, memory).target("B3", target),
            None => Row::skipped(what, "This system does not tell."),
        });
    };
    print_memory("Resident memory, waiting", 10.0, print);

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let configured = runtime.block_on(async {
        let channel = plugin.connect().await;
        client::schema(&channel).await.unwrap();
        let answer = ProviderClient::new(channel.clone())
            .configure_provider(configuration())
            .await
            .unwrap();
        let problems = answer.into_inner().diagnostics;
        assert!(problems.is_empty(), "{problems:?}");
        channel
    });
    print_memory("Resident memory, configured", 16.0, print);
    drop(configured);
}

/// A provider block in which nothing is written.
fn configuration() -> configure_provider::Request {
    let provider = Server::<AwsBilling>::new();
    let schema = &provider.schemas().provider;
    let nothing = core::config(schema, []);
    let bytes = dynamic_value::encode(&nothing, schema.value_type()).unwrap();
    configure_provider::Request {
        terraform_version: "1.11.4".to_owned(),
        config: client::msgpack(bytes),
        ..Default::default()
    }
}
