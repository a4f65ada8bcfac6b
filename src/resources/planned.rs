//! What a plan of this process has said of reports, for the plans of what depends on them.
//!
//! Terraform plans a report before the connection that refers to it, so that the connection can be judged
//! before the report exists. Nothing here outlives the process, and nothing is lost with it: what is not
//! known at plan time is judged again at apply time.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::analyzers::Analyzer;
use crate::aws::cost_and_usage::Report;
use crate::aws::types::{AccountId, ReportName};

/// A report of an account.
type Key = (AccountId, ReportName);

static REPORTS: Mutex<BTreeMap<Key, Report>> = Mutex::new(BTreeMap::new());
static READERS: Mutex<BTreeMap<Key, BTreeMap<String, Analyzer>>> = Mutex::new(BTreeMap::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Remembers how a report will be.
pub(super) fn remember(account: &AccountId, report: Report) {
    lock(&REPORTS).insert((account.clone(), report.name.clone()), report);
}

/// Forgets a plan that was carried out, or will not be.
pub(super) fn forget(account: &AccountId, name: &ReportName) {
    lock(&REPORTS).remove(&(account.clone(), name.clone()));
}

/// The report as it will be, if its plan was made in this process.
pub(super) fn report(account: &AccountId, name: &ReportName) -> Option<Report> {
    lock(&REPORTS)
        .get(&(account.clone(), name.clone()))
        .cloned()
}

/// Whether a plan of this process makes a report in the account.
pub(super) fn makes_report(account: &AccountId) -> bool {
    lock(&REPORTS).keys().any(|(owner, _)| owner == account)
}

/// Remembers that an analyzer reads a report with a role, and says which others do.
pub(super) fn readers(
    account: &AccountId,
    name: &ReportName,
    role: &str,
    analyzer: Analyzer,
) -> Vec<Analyzer> {
    let mut readers = lock(&READERS);
    let of_report = readers.entry((account.clone(), name.clone())).or_default();
    of_report.insert(role.to_owned(), analyzer);
    let others = of_report.iter().filter(|(other, _)| *other != role);
    others.map(|(_, analyzer)| *analyzer).collect()
}

/// Forgets that a role reads a report.
pub(super) fn forget_reader(account: &AccountId, name: &ReportName, role: &str) {
    if let Some(of_report) = lock(&READERS).get_mut(&(account.clone(), name.clone())) {
        of_report.remove(role);
    }
}
