//! What can go wrong on the way, as data.
//!
//! Faults are asked in the order they were set. The first that matches a call and ends it decides; delays before it add
//! up, and reads may lag besides. A fault with a number of `times` counts the calls that it decided.

use serde::{Deserialize, Serialize};

use crate::world::AccountId;

/// A fault to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// `account`, `organizations`, `sts`, `iam`, `s3`, `cur`, `ce` or `billing`; any if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// For example `AcceptHandshake`; any if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The account that calls; any if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// How many matching calls pass untouched first.
    #[serde(default)]
    pub skip: u32,
    /// How many calls it decides; all of them if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// What happens.
    pub effect: Effect,
}

/// What a fault does to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// The service is asked too often: `TooManyRequestsException`, or `Throttling` where the service says so.
    Throttle,
    /// Any other error.
    Error {
        /// The error code.
        code: String,
        /// The reason code, if the error has one.
        #[serde(default)]
        reason: Option<String>,
        /// The message.
        #[serde(default)]
        message: String,
        /// The HTTP status; the usual one for the code if there is none.
        #[serde(default)]
        status: Option<u16>,
    },
    /// The call takes effect, but the connection ends before the answer.
    LoseResponse,
    /// The connection ends before the call takes effect.
    CutConnection,
    /// The call waits this many real milliseconds before it takes effect.
    Delay {
        /// How long.
        milliseconds: u64,
    },
    /// After each write, this many matching reads still answer as if it had not happened; so does `AssumeRole`, which
    /// reads the role. `times` and `skip` have no meaning here.
    LagReads {
        /// How many.
        reads: u32,
    },
    /// The caller's credentials count as expired.
    ExpireCredentials,
    /// The caller has no permission.
    Refuse,
}

impl Fault {
    /// A fault for every call, to be narrowed.
    pub fn new(effect: Effect) -> Self {
        Self {
            service: None,
            operation: None,
            account: None,
            skip: 0,
            times: None,
            effect,
        }
    }

    /// Only for this operation.
    #[must_use]
    pub fn on(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// Only for calls of this account.
    #[must_use]
    pub fn of(mut self, account: impl Into<AccountId>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// Only this many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Only after this many matching calls.
    #[must_use]
    pub fn after(mut self, calls: u32) -> Self {
        self.skip = calls;
        self
    }

    fn matches(&self, service: &str, operation: &str, account: Option<&AccountId>) -> bool {
        self.times != Some(0)
            && self
                .service
                .as_deref()
                .is_none_or(|wanted| wanted == service)
            && self
                .operation
                .as_deref()
                .is_none_or(|wanted| wanted == operation)
            && self
                .account
                .as_ref()
                .is_none_or(|wanted| Some(wanted) == account)
    }
}

/// What is to happen to one call.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) delay_ms: u64,
    pub(crate) lagging: bool,
    pub(crate) effect: Option<Effect>,
}

/// The faults that are set.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    next_id: u64,
    set: Vec<(u64, Fault)>,
}

impl Faults {
    pub(crate) fn set(&mut self, fault: Fault) -> u64 {
        self.next_id += 1;
        self.set.push((self.next_id, fault));
        self.next_id
    }

    pub(crate) fn clear(&mut self) {
        self.set.clear();
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.set.len();
        self.set.retain(|(known, _)| *known != id);
        self.set.len() < before
    }

    pub(crate) fn list(&self) -> &[(u64, Fault)] {
        &self.set
    }

    /// Whether reads may lag, so that the state before a write has to be kept.
    pub(crate) fn lag(&self) -> Option<u32> {
        self.set
            .iter()
            .filter_map(|(_, fault)| match fault.effect {
                Effect::LagReads { reads } => Some(reads),
                _ => None,
            })
            .max()
    }

    /// Decides about a call.
    pub(crate) fn judge(
        &mut self,
        service: &str,
        operation: &str,
        account: Option<&AccountId>,
    ) -> Verdict {
        let mut verdict = Verdict::default();
        for (_, fault) in &mut self.set {
            if !fault.matches(service, operation, account) {
                continue;
            }
            if matches!(fault.effect, Effect::LagReads { .. }) {
                verdict.lagging = true;
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if let Some(times) = &mut fault.times {
                *times -= 1;
            }
            if let Effect::Delay { milliseconds } = fault.effect {
                verdict.delay_ms += milliseconds;
                continue;
            }
            verdict.effect = Some(fault.effect.clone());
            break;
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_fault_counts_the_calls_it_decides() {
        let mut faults = Faults::default();
        faults.set(
            Fault::new(Effect::Throttle)
                .on("ListAccounts")
                .after(1)
                .times(1),
        );
        assert_eq!(
            faults.judge("organizations", "ListRoots", None).effect,
            None
        );
        assert_eq!(
            faults.judge("organizations", "ListAccounts", None).effect,
            None
        );
        assert_eq!(
            faults.judge("organizations", "ListAccounts", None).effect,
            Some(Effect::Throttle)
        );
        assert_eq!(
            faults.judge("organizations", "ListAccounts", None).effect,
            None
        );
    }

    #[test]
    fn delays_add_up_before_the_end() {
        let mut faults = Faults::default();
        faults.set(Fault::new(Effect::Delay { milliseconds: 5 }));
        faults.set(Fault::new(Effect::Delay { milliseconds: 7 }));
        faults.set(Fault::new(Effect::CutConnection));
        let verdict = faults.judge("sts", "AssumeRole", None);
        assert_eq!(
            (verdict.delay_ms, verdict.effect),
            (12, Some(Effect::CutConnection))
        );
    }

    #[test]
    fn a_fault_is_written_as_one_would_write_it_by_hand() {
        let text = r#"{"operation": "InviteAccountToOrganization", "times": 1, "effect": {"kind": "lose_response"}}"#;
        let fault: Fault = serde_json::from_str(text).unwrap();
        assert_eq!(
            fault,
            Fault::new(Effect::LoseResponse)
                .on("InviteAccountToOrganization")
                .times(1)
        );
    }
}
