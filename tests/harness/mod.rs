//! A simulated AWS, and Terraform in a folder of its own.
//!
//! A command sees nothing of the machine's own AWS or Terraform settings: its environment is made here.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::thread;

use aws_simulator::world::{AccountId, Recipient};
use aws_simulator::{Account, AccountSpec, Organization, PaymentMethod, RoleSpec, Seed, Simulator};
use serde_json::Value;
use tempfile::TempDir;

/// A partner that pays for an organization, and AWS around it.
pub(crate) struct Sandbox {
    pub(crate) simulator: Simulator,
    pub(crate) partner: Account,
    pub(crate) organization: Organization,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let simulator = Simulator::start_blocking().unwrap();
        let partner = simulator.create_account("Example Partner");
        let organization = simulator.create_organization(&partner);
        Self {
            simulator,
            partner,
            organization,
        }
    }

    /// A standalone account.
    pub(crate) fn customer(&self, name: &str) -> Account {
        self.simulator.create_account(name)
    }

    /// Terraform with the partner's credentials.
    pub(crate) fn terraform(&self) -> Terraform {
        self.terraform_as(&self.partner)
    }

    /// Terraform with the credentials of the account.
    pub(crate) fn terraform_as(&self, account: &Account) -> Terraform {
        Terraform::new(self.simulator.endpoint(), account)
    }

    pub(crate) fn is_member(&self, account: &Account) -> bool {
        self.simulator.organization_of(account).as_ref() == Some(&self.organization.id)
    }

    /// Accepts, as the owner would in the console, the newest invitation of the partner.
    pub(crate) fn accept(&self, account: &Account) {
        let id = self.handshake_of(account);
        self.simulator.accept(account, &id).unwrap();
    }

    /// ID of the newest handshake with the account.
    pub(crate) fn handshake_of(&self, account: &Account) -> String {
        let state = self.handshakes_of(account);
        state
            .last()
            .expect("no handshake with the account")
            .0
            .clone()
    }

    /// A role in the account that the trusted account may assume.
    pub(crate) fn role(&self, account: &Account, name: &str, trusted: &Account) -> String {
        self.simulator.create_role(&role(account, name, trusted))
    }

    /// A role that may be assumed with an external ID.
    pub(crate) fn role_asking_for(
        &self,
        account: &Account,
        name: &str,
        trusted: &Account,
        external_id: &str,
    ) -> String {
        self.simulator.create_role(&RoleSpec {
            external_id: Some(external_id.to_owned()),
            ..role(account, name, trusted)
        })
    }

    /// An account that could not pay for itself.
    pub(crate) fn penniless(name: &str) -> AccountSpec {
        AccountSpec {
            payment_method: PaymentMethod::Missing,
            ..AccountSpec::named(name)
        }
    }

    /// IDs and states of all handshakes with the account, oldest first, and of one instant those still open
    /// last.
    pub(crate) fn handshakes_of(&self, account: &Account) -> Vec<(String, String)> {
        self.simulator.world(|world| {
            let mut found: Vec<_> = world
                .handshakes()
                .filter(|handshake| match &handshake.recipient {
                    Recipient::Account(id) => *id == account.id,
                    Recipient::Email(email) => world
                        .account_by_email(email)
                        .is_some_and(|id| *id == account.id),
                })
                .map(|handshake| {
                    let state = format!("{:?}", handshake.state);
                    let closed = handshake.closed_at.is_none();
                    (
                        handshake.requested_at,
                        closed,
                        handshake.id.to_string(),
                        state,
                    )
                })
                .collect();
            found.sort();
            found
                .into_iter()
                .map(|(_, _, id, state)| (id, state))
                .collect()
        })
    }

    /// Names of the operations called since the calls were last cleared, in order.
    pub(crate) fn operations(&self) -> Vec<String> {
        let calls = self.simulator.calls();
        calls.into_iter().map(|call| call.operation).collect()
    }

    /// Number of calls of the operation since the calls were last cleared.
    pub(crate) fn count(&self, operation: &str) -> usize {
        let called = self.operations();
        called.iter().filter(|name| *name == operation).count()
    }
}

/// A simulated AWS as the document of a world describes it.
pub(crate) fn sown(world: &str) -> Simulator {
    let simulator = Simulator::start_blocking().unwrap();
    let seed = Seed::parse(world).unwrap_or_else(|error| panic!("{error}"));
    simulator.sow(seed).unwrap();
    simulator
}

/// An account of a world that was sown.
pub(crate) fn account(simulator: &Simulator, id: &str) -> Account {
    let id = AccountId::from(id);
    Account {
        key: simulator.keys(id.clone()),
        id,
    }
}

/// Does the work for each item, as many at a time as there are processors.
pub(crate) fn at_once<T: Send>(items: Vec<T>, work: impl Fn(T) + Sync) {
    assert!(!items.is_empty(), "there is nothing to do");
    let waiting = Mutex::new(items);
    let next = || waiting.lock().unwrap().pop();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(|| {
                while let Some(item) = next() {
                    work(item);
                }
            });
        }
    });
}

fn role(account: &Account, name: &str, trusted: &Account) -> RoleSpec {
    RoleSpec {
        account: account.id.clone(),
        name: name.to_owned(),
        trusts: [trusted.id.clone()].into(),
        external_id: None,
        denied_actions: BTreeSet::new(),
    }
}

/// A folder with a configuration and a state.
pub(crate) struct Terraform {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// What a command did and said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) text: String,
}

/// Address of the provider, and the only provider that a configuration here names.
pub(crate) const REQUIRED: &str = r#"
terraform {
  required_providers {
    awsbilling = { source = "awsbilling/awsbilling" }
  }
}
"#;

impl Terraform {
    fn new(endpoint: String, account: &Account) -> Self {
        let folder = TempDir::new().unwrap();
        let program = PathBuf::from(env!("CARGO_BIN_EXE_terraform-provider-awsbilling"));
        let overrides = program.parent().unwrap().display().to_string();
        let settings = folder.path().join("terraform.rc");
        let content = format!(
            "provider_installation {{\n  dev_overrides {{\n    \"awsbilling/awsbilling\" = {overrides:?}\n  \
             }}\n  direct {{}}\n}}\n"
        );
        fs::write(&settings, content).unwrap();
        let environment = [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", folder.path().display().to_string()),
            ("TMPDIR", std::env::temp_dir().display().to_string()),
            ("TF_CLI_CONFIG_FILE", settings.display().to_string()),
            ("TF_IN_AUTOMATION", "1".to_owned()),
            ("CHECKPOINT_DISABLE", "1".to_owned()),
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_ACCESS_KEY_ID", account.key.id.clone()),
            ("AWS_SECRET_ACCESS_KEY", account.key.secret.clone()),
        ];
        let environment = environment
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec();
        Self {
            folder,
            environment,
        }
    }

    /// Terraform with the configuration of a story under `examples/scenarios`, whose people have profiles.
    pub(crate) fn of_story(name: &str, simulator: &Simulator) -> Self {
        let terraform = Self::in_world(simulator)
            .without("AWS_ACCESS_KEY_ID")
            .without("AWS_SECRET_ACCESS_KEY");
        let story = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/scenarios");
        let main = fs::read_to_string(story.join(name).join("main.tf")).unwrap();
        fs::write(terraform.folder.path().join("main.tf"), main).unwrap();
        terraform
    }

    /// Terraform in a world that was sown: with a profile for each account that names one, and the keys of
    /// the default account, or of the first if none is.
    pub(crate) fn in_world(simulator: &Simulator) -> Self {
        let accounts: Vec<_> = simulator.world(|world| world.accounts().cloned().collect());
        let default = accounts.iter().find(|account| account.is_default);
        let default = default.or(accounts.first()).expect("an empty world");
        let profiles = accounts
            .iter()
            .filter_map(|account| Some((account.profile.as_ref()?, &account.id)));
        profiles.fold(
            Self::of(simulator, default.id.as_str()),
            |terraform, (name, id)| terraform.profile(name, &account(simulator, id.as_str())),
        )
    }

    /// Terraform in a world that was sown, with the keys of the account.
    pub(crate) fn of(simulator: &Simulator, id: &str) -> Self {
        Self::new(simulator.endpoint(), &account(simulator, id))
    }

    /// Sets a variable for the commands to come.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes a variable away from the commands to come.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self
    }

    /// Adds a profile of the account to the shared files.
    pub(crate) fn profile(self, name: &str, account: &Account) -> Self {
        let file = self.folder.path().join(".aws/credentials");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let mut profiles = fs::read_to_string(&file).unwrap_or_default();
        let (id, secret) = (&account.key.id, &account.key.secret);
        writeln!(
            profiles,
            "[{name}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}"
        )
        .unwrap();
        fs::write(file, profiles).unwrap();
        self
    }

    /// Replaces the configuration.
    pub(crate) fn write(&self, configuration: &str) -> &Self {
        self.put("main.tf", &format!("{REQUIRED}{configuration}"))
    }

    /// Puts a file into the folder.
    pub(crate) fn put(&self, path: &str, text: &str) -> &Self {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// A command, to be started by a test that wants to interrupt it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let program = std::env::var("TF_ACC_TERRAFORM_PATH").unwrap_or("terraform".to_owned());
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().expect(
            "terraform cannot be started: put Terraform 1.11 or later on the PATH, or name it by \
             TF_ACC_TERRAFORM_PATH",
        );
        Said::from(output)
    }

    /// Plans the configuration as it is.
    pub(crate) fn plan(&self) -> Said {
        self.run(&["plan", "-no-color", "-detailed-exitcode"])
    }

    /// Applies the configuration as it is, whatever comes of it.
    pub(crate) fn try_apply(&self) -> Said {
        self.run(&["apply", "-no-color", "-auto-approve"])
    }

    /// Applies the configuration; it must succeed.
    pub(crate) fn apply(&self, configuration: &str) -> Said {
        self.write(configuration);
        self.try_apply().succeeded()
    }

    pub(crate) fn destroy(&self) -> Said {
        self.run(&["destroy", "-no-color", "-auto-approve"])
    }

    pub(crate) fn refresh(&self) -> Said {
        self.run(&["apply", "-no-color", "-auto-approve", "-refresh-only"])
            .succeeded()
    }

    pub(crate) fn import(&self, address: &str, id: &str) -> Said {
        self.run(&["import", "-no-color", address, id])
    }

    /// Asserts that applying again would do nothing.
    pub(crate) fn expect_empty_plan(&self) -> &Self {
        let plan = self.plan();
        assert_eq!(plan.code, Some(0), "the plan is not empty: {}", plan.text);
        self
    }

    /// Forgets the object, imports it, and asserts that nothing is missing: the plan is empty.
    pub(crate) fn expect_import(&self, address: &str, id: &str) -> &Self {
        self.run(&["state", "rm", "-no-color", address]).succeeded();
        self.import(address, id).succeeded();
        self.expect_empty_plan()
    }

    /// Addresses in the state.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let listed = self.run(&["state", "list", "-no-color"]);
        let lines = listed
            .text
            .lines()
            .filter(|line| line.starts_with("awsbilling_"));
        lines.map(str::to_owned).collect()
    }

    /// All that the state holds, as Terraform shows it to programs.
    pub(crate) fn shown(&self) -> Value {
        let shown = self.run(&["show", "-json"]).succeeded();
        let json = shown
            .text
            .lines()
            .find(|line| line.starts_with('{'))
            .unwrap_or("{}");
        serde_json::from_str(json).unwrap()
    }

    /// Attributes of an object in the state.
    pub(crate) fn state(&self, address: &str) -> Value {
        let state = self.shown();
        let resources = state["values"]["root_module"]["resources"]
            .as_array()
            .cloned();
        resources
            .unwrap_or_default()
            .into_iter()
            .find(|resource| resource["address"] == address)
            .unwrap_or_else(|| panic!("{address} is not in the state"))["values"]
            .clone()
    }

    /// Asserts attributes of an object in the state.
    pub(crate) fn expect(&self, address: &str, expected: &[(&str, Value)]) -> &Self {
        let state = self.state(address);
        for (name, value) in expected {
            assert_eq!(state[name], *value, "{address}: {name}");
        }
        self
    }

    /// What an output holds.
    pub(crate) fn output(&self, name: &str) -> Value {
        let said = self.run(&["output", "-json", name]).succeeded();
        serde_json::from_str(&said.text).unwrap()
    }
}

impl Said {
    /// Asserts that the command succeeded.
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.text);
        self
    }

    /// Asserts that the command failed.
    pub(crate) fn failed(self) -> Self {
        assert_eq!(self.code, Some(1), "{}", self.text);
        self
    }

    /// Asserts that the text is there, wherever its lines break.
    pub(crate) fn says(self, expected: &str) -> Self {
        assert!(
            flat(&self.text).contains(&flat(expected)),
            "no {expected:?} in:\n{}",
            self.text
        );
        self
    }

    /// Asserts that the text is not there, wherever its lines break.
    pub(crate) fn does_not_say(self, unwanted: &str) -> Self {
        assert!(
            !flat(&self.text).contains(&flat(unwanted)),
            "{unwanted:?} in:\n{}",
            self.text
        );
        self
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Self {
            code: output.status.code(),
            text: text.concat(),
        }
    }
}

/// The words, one space between them, without the frame that Terraform draws around a message.
fn flat(text: &str) -> String {
    let bare: String = text
        .chars()
        .filter(|c| !matches!(c, '│' | '╷' | '╵'))
        .collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}
