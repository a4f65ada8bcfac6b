//! A simulated world, and the provider's access to it.

use std::time::Duration;

use aws_simulator::world::AccessKey;
use aws_simulator::{Account, Organization, Simulator};
use awsbilling::aws::config::{Endpoints, SecretText};
use awsbilling::aws::organizations::{Organizations, Target};
use awsbilling::aws::types::AccountId;
use awsbilling::aws::{Aws, Settings};
use awsbilling::framework::{Clock, Cx, Diagnostic, DomainText};
use tokio_util::sync::CancellationToken;

/// A partner with an organization, and a customer on its own.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) partner: Account,
    pub(crate) organization: Organization,
    pub(crate) customer: Account,
}

impl World {
    pub(crate) async fn new() -> Self {
        let simulator = Simulator::start().await.unwrap();
        let partner = simulator.create_account("Partner");
        let organization = simulator.create_organization(&partner);
        let customer = simulator.create_account("Customer");
        Self {
            simulator,
            partner,
            organization,
            customer,
        }
    }

    /// Settings that depend on nothing of the machine that runs the test.
    pub(crate) fn settings(&self, key: &AccessKey) -> Settings {
        let endpoint = Some(self.simulator.endpoint());
        Settings {
            access_key: Some(key.id.clone()),
            secret_key: Some(SecretText::new(&key.secret)),
            token: key.session_token.as_ref().map(SecretText::new),
            endpoints: Endpoints {
                account: endpoint.clone(),
                organizations: endpoint.clone(),
                sts: endpoint,
                ..Endpoints::default()
            },
            no_proxy: Some("127.0.0.1".to_owned()),
            skip_metadata_api_check: true,
            ..Settings::default()
        }
    }

    pub(crate) async fn aws(&self, account: &Account) -> Aws {
        configure(self.settings(&account.key)).await.unwrap()
    }

    /// Organizations as the account sees it, with a log that is empty again.
    pub(crate) async fn organizations(&self, account: &Account) -> Organizations {
        let aws = self.aws(account).await;
        self.simulator.clear_calls();
        aws.organizations(&cx(), None).await.unwrap()
    }

    /// How often an operation was called.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.simulator
            .calls()
            .iter()
            .filter(|call| call.operation == operation)
            .count()
    }

    /// The error codes of an operation, in order; `None` for a success.
    pub(crate) fn outcomes(&self, operation: &str) -> Vec<Option<String>> {
        let calls = self.simulator.calls().into_iter();
        calls
            .filter(|call| call.operation == operation)
            .map(|call| call.error)
            .collect()
    }
}

pub(crate) async fn configure(settings: Settings) -> Result<Aws, Diagnostic> {
    Aws::configure(&cx(), settings, "1.11.4").await
}

/// A context with the patience of a test.
pub(crate) fn cx() -> Cx {
    let cx = Cx::detached();
    cx.set_timeout(Duration::from_mins(1));
    cx
}

/// A context, and what cancels it.
pub(crate) fn cancellable() -> (Cx, CancellationToken) {
    let token = CancellationToken::new();
    (Cx::new(Clock::System, token.clone()), token)
}

pub(crate) fn id(account: &Account) -> AccountId {
    AccountId::parse(account.id.as_str()).unwrap()
}

pub(crate) fn target(account: &Account) -> Target {
    Target::Account(id(account))
}
