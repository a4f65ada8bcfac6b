//! All that the simulator holds: the world, and what lies between it and its callers.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::calls::Call;
use crate::fault::Faults;
use crate::pace::Pace;
use crate::seed::Seed;
use crate::services::{Request, Service};
use crate::world::{Caller, OrganizationId, Refusal, World};

#[derive(Default)]
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) faults: Faults,
    pub(crate) calls: Vec<Call>,
    seed: Option<Seed>,
    pace: Pace,
    busy: BTreeSet<OrganizationId>,
    past: Option<Past>,
    requests: u64,
}

/// The world before the last write, for reads that lag.
struct Past {
    world: World,
    reads_left: u32,
}

impl State {
    /// Fills the world from a seed, which is what a reset returns to.
    pub(crate) fn sow(&mut self, seed: Seed) -> Result<(), Refusal> {
        seed.sow(&mut self.world)?;
        self.seed = Some(seed);
        Ok(())
    }

    /// Back to the seed, or to an empty world: no faults, no calls, switches as at the start.
    pub(crate) fn reset(&mut self) -> Result<(), Refusal> {
        let seed = self.seed.take();
        *self = Self::default();
        match seed {
            Some(seed) => self.sow(seed),
            None => Ok(()),
        }
    }

    pub(crate) fn next_request(&mut self) -> u64 {
        self.requests += 1;
        self.requests
    }

    pub(crate) fn check_pace(
        &mut self,
        now: Instant,
        request: &Request,
        caller: Option<&Caller>,
    ) -> Result<(), Refusal> {
        let Some(caller) = caller else { return Ok(()) };
        if !self.world.switches.pace || request.service != Service::Organizations {
            return Ok(());
        }
        let organization = self
            .world
            .account(caller.account.as_str())
            .and_then(|account| account.organization());
        if self
            .pace
            .exceeded(now, &request.operation, &caller.account, organization)
        {
            return Err(request.service.throttled());
        }
        Ok(())
    }

    /// Begins a write; refused while another one to the same organization is going on (API reference,
    /// `ConcurrentModificationException`).
    pub(crate) fn begin_write(&mut self, organization: &OrganizationId) -> Result<(), Refusal> {
        if self.busy.insert(organization.clone()) {
            return Ok(());
        }
        Err(Refusal::new(
            "ConcurrentModificationException",
            "The target of the operation is currently being modified by a different request. Try again later.",
        ))
    }

    pub(crate) fn end_write(&mut self, organization: &OrganizationId) {
        self.busy.remove(organization);
    }

    /// Carries a write out. If it changed something and reads are to lag, they see the world before it for a while. A
    /// session is opened by what is known of its role: while that lags, as it was before as well as as it is.
    pub(crate) fn write<T>(
        &mut self,
        service: Service,
        lagging: bool,
        write: impl Fn(&mut World) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if service == Service::Sts && lagging {
            write(&mut self.view(lagging).clone())?;
        }
        // A session is no change that anybody could read.
        let lag = self.faults.lag().filter(|_| service != Service::Sts);
        let past = lag.map(|reads_left| Past {
            world: self.world.clone(),
            reads_left,
        });
        let answer = write(&mut self.world);
        if answer.is_ok() && past.is_some() {
            self.past = past;
        }
        answer
    }

    /// The world as a read sees it.
    pub(crate) fn view(&mut self, lagging: bool) -> &World {
        match &mut self.past {
            Some(past) if lagging && past.reads_left > 0 => {
                past.reads_left -= 1;
                &past.world
            }
            _ => &self.world,
        }
    }
}
