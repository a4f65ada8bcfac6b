//! The schema, which Terraform asks of each process once, first of all.

use std::time::Instant;

use awsbilling::protocol::wire::health::HealthCheckRequest;
use awsbilling::protocol::wire::health::health_client::HealthClient;
use prost::Message;

use crate::figure::{Quantity, Row, Unit};
use crate::plugin::Plugin;
use crate::{Options, client};

/// Processes asked.
const PROCESSES: usize = 30;

pub(crate) fn measure(_: &Options, print: &mut dyn FnMut(Row)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (mut answers, mut nothings, mut bytes) = (Vec::new(), Vec::new(), 0);
    for _ in 0..PROCESSES {
        let plugin = Plugin::start();
        runtime.block_on(async {
            let channel = plugin.connect().await;
            let mut health = HealthClient::new(channel.clone());
            let service = "plugin".to_owned();
            let begun = Instant::now();
            health.check(HealthCheckRequest { service }).await.unwrap();
            nothings.push(begun.elapsed());

            let begun = Instant::now();
            let schema = client::schema(&channel).await.unwrap();
            answers.push(begun.elapsed());
            bytes = schema.encoded_len();
        });
    }
    print(
        Row::new(
            "Schema, first call of a process",
            Quantity::median(&answers),
        )
        .more_than(Quantity::median(&nothings), "health call"),
    );
    let bytes = Quantity::bytes(bytes as u64, Unit::Kibibytes);
    print(Row::new("Schema, message", bytes).target("B6", 160.0));
}
