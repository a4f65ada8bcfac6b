//! The handle that tests hold.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::calls::Call;
use crate::fault::Fault;
use crate::seed::Seed;
use crate::server::{Shared, serve};
use crate::summary;
use crate::world::{
    AccessKey, AccountId, AccountSpec, BucketSpec, Handshake, HandshakeId, Invitation,
    JoinedMethod, OrganizationId, OrganizationSpec, Recipient, Refusal, ReportSpec, RoleSpec,
    Switches, World,
};

/// The region that programs are told; the simulator answers for all.
const REGION: &str = "us-east-1";

/// A running simulator. It has threads of its own, so blocking and async tests use it alike, and stops when dropped.
///
/// What arranges the world panics if the world refuses, as a test that cannot be arranged has failed; what a customer
/// does by hand in the console answers with the refusal.
pub struct Simulator {
    address: SocketAddr,
    shared: Shared,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts with an empty world on a free port of the loopback interface.
    pub async fn start() -> io::Result<Self> {
        // Binding and starting a thread block, if only for a moment.
        tokio::task::spawn_blocking(Self::start_blocking).await?
    }

    /// As [`Simulator::start`], from where there is no async runtime.
    pub fn start_blocking() -> io::Result<Self> {
        Self::start_on(0)
    }

    /// As [`Simulator::start_blocking`], on a given port; 0 is a free one.
    pub fn start_on(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let shared = Shared::default();
        let served = shared.clone();
        let thread = std::thread::Builder::new().name("aws-simulator".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    Err(error) = serve(listener, served) => tracing::error!(%error, "the listener failed"),
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        })?;
        Ok(Self {
            address,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The URL to reach it at, for every service.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Arranges or looks at the world, which waits meanwhile.
    pub fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.shared.lock().world)
    }

    /// Fills the world.
    pub fn sow(&self, seed: Seed) -> Result<(), Refusal> {
        self.shared.lock().sow(seed)
    }

    /// Opens an account on its own, by name or with all that an [`AccountSpec`] says.
    pub fn create_account(&self, spec: impl Into<AccountSpec>) -> Account {
        arranged(self.world(|world| {
            let id = world.open_account(spec)?;
            Ok(Account {
                key: world.keys(&id),
                id,
            })
        }))
    }

    /// Founds an organization, long ago.
    pub fn create_organization(&self, management: &Account) -> Organization {
        self.create_organization_with(management, OrganizationSpec::default())
    }

    /// Founds an organization, long ago, with all that an [`OrganizationSpec`] says.
    pub fn create_organization_with(
        &self,
        management: &Account,
        spec: OrganizationSpec,
    ) -> Organization {
        let id = arranged(self.world(|world| world.arrange_organization(&management.id, spec)));
        Organization {
            id,
            management: management.clone(),
        }
    }

    /// Opens an account that joined an organization a year ago by invitation.
    pub fn create_member(
        &self,
        organization: &Organization,
        spec: impl Into<AccountSpec>,
    ) -> Account {
        let account = self.create_account(spec);
        arranged(self.world(|world| {
            let joined_at = world.now() - time::Duration::days(365);
            world.arrange_membership(
                &account.id,
                &organization.id,
                JoinedMethod::Invited,
                joined_at,
            )
        }));
        account
    }

    /// Opens an account that an organization created some days ago. Unless the specification says otherwise it pays for
    /// itself, as other accounts here do; one that the organization's own `CreateAccount` makes does not.
    pub fn create_created_member(
        &self,
        organization: &Organization,
        spec: impl Into<AccountSpec>,
        days_ago: u32,
    ) -> Account {
        let account = self.create_member(organization, spec);
        arranged(self.world(|world| world.arrange_created(&account.id, days_ago)));
        account
    }

    /// Puts a role into an account; answers its ARN.
    pub fn create_role(&self, spec: &RoleSpec) -> String {
        arranged(self.world(|world| world.arrange_role(spec)))
    }

    /// Puts a bucket into an account.
    pub fn create_bucket(&self, spec: &BucketSpec) {
        arranged(self.world(|world| world.arrange_bucket(spec)));
    }

    /// Defines a cost and usage report, with its history.
    pub fn create_report(&self, spec: &ReportSpec) {
        arranged(self.world(|world| world.arrange_report(spec)));
    }

    /// The keys of an account.
    pub fn keys(&self, account: impl Into<AccountId>) -> AccessKey {
        self.world(|world| world.keys(&account.into()))
    }

    /// The environment variables that lead a program to the simulator, with the keys of one account.
    pub fn environment(&self, key: &AccessKey) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_SIMULATOR_ENDPOINT", self.endpoint()),
            ("AWS_REGION", REGION.to_owned()),
            // Older tools read this one.
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_ACCESS_KEY_ID", key.id.clone()),
            ("AWS_SECRET_ACCESS_KEY", key.secret.clone()),
        ]
    }

    /// Invites an account, as the partner would in the console.
    pub fn invite(
        &self,
        organization: &Organization,
        account: &Account,
    ) -> Result<HandshakeId, Refusal> {
        let invitation = Invitation::to(Recipient::Account(account.id.clone()));
        self.world(|world| {
            world
                .invite(&organization.management.id, invitation)
                .map(|handshake| handshake.id.clone())
        })
    }

    /// Accepts an invitation, as the account's owner would in the console.
    pub fn accept(&self, account: &Account, handshake: &str) -> Result<(), Refusal> {
        self.world(|world| world.accept(&account.id, handshake).map(|_| ()))
    }

    /// Declines an invitation, as the account's owner would in the console.
    pub fn decline(&self, account: &Account, handshake: &str) -> Result<(), Refusal> {
        self.world(|world| world.decline(&account.id, handshake).map(|_| ()))
    }

    /// Withdraws an invitation, as the partner would in the console.
    pub fn cancel(&self, organization: &Organization, handshake: &str) -> Result<(), Refusal> {
        self.world(|world| {
            world
                .cancel(&organization.management.id, handshake)
                .map(|_| ())
        })
    }

    /// Removes a member, as the management account's owner would in the console.
    pub fn remove(&self, organization: &Organization, account: &Account) -> Result<(), Refusal> {
        self.world(|world| world.remove_account(&organization.management.id, account.id.as_str()))
    }

    /// Leaves its organization, as the account's owner would in the console.
    pub fn leave(&self, account: &Account) -> Result<(), Refusal> {
        self.world(|world| world.leave_organization(&account.id))
    }

    /// The organization that an account is in.
    pub fn organization_of(&self, account: &Account) -> Option<OrganizationId> {
        self.world(|world| {
            world
                .account(account.id.as_str())
                .and_then(|account| account.organization().cloned())
        })
    }

    /// Every handshake that AWS still knows, by ID.
    pub fn handshakes(&self) -> Vec<Handshake> {
        self.world(|world| world.handshakes().cloned().collect())
    }

    /// Lets simulated time pass.
    pub fn pass(&self, duration: Duration) {
        self.world(|world| world.pass(duration));
    }

    /// Lets simulated days pass.
    pub fn pass_days(&self, days: u32) {
        self.pass(Duration::from_secs(86_400 * u64::from(days)));
    }

    /// Sets a fault; the number is for [`Simulator::clear_fault`].
    pub fn fault(&self, fault: Fault) -> u64 {
        self.shared.lock().faults.set(fault)
    }

    /// Takes one fault away.
    pub fn clear_fault(&self, id: u64) {
        self.shared.lock().faults.remove(id);
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Turns switches.
    pub fn switch(&self, turn: impl FnOnce(&mut Switches)) {
        self.world(|world| turn(&mut world.switches));
    }

    /// The calls since the start or since they were cleared.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.lock().calls.clone()
    }

    /// Forgets the calls.
    pub fn clear_calls(&self) {
        self.shared.lock().calls.clear();
    }

    /// Back to the seed, or to an empty world.
    pub fn reset(&self) -> Result<(), Refusal> {
        self.shared.lock().reset()
    }

    /// What AWS looks like now, for people.
    pub fn summary(&self) -> String {
        self.world(|world| summary::text(world))
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread has ended already if nobody listens.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An account and its keys.
#[derive(Clone, Debug)]
pub struct Account {
    /// Twelve digits.
    pub id: AccountId,
    /// The keys of its administrator.
    pub key: AccessKey,
}

impl From<&Account> for AccountId {
    fn from(account: &Account) -> Self {
        account.id.clone()
    }
}

/// An organization and the account that manages it.
#[derive(Clone, Debug)]
pub struct Organization {
    /// `o-` and ten or more characters.
    pub id: OrganizationId,
    /// The management account.
    pub management: Account,
}

#[allow(
    clippy::panic,
    reason = "a test that cannot be arranged has failed, and this says why"
)]
fn arranged<T>(result: Result<T, Refusal>) -> T {
    result.unwrap_or_else(|refusal| panic!("the world cannot be arranged so: {refusal}"))
}
