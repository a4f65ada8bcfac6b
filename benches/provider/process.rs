//! What the system knows of a process: its memory, and the processes that it started. Linux alone tells.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::figure::{Quantity, Unit};

/// How often to look at a process that may end at any time.
const LOOK: Duration = Duration::from_millis(20);

/// Memory that the process holds now.
pub(crate) fn resident(process: u32) -> Option<Quantity> {
    memory(process, "VmRSS:")
}

/// Most memory that the process ever held.
fn peak(process: u32) -> Option<Quantity> {
    memory(process, "VmHWM:")
}

fn memory(process: u32, line: &str) -> Option<Quantity> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let kibibytes = status.lines().find_map(|found| found.strip_prefix(line))?;
    let kibibytes: u64 = kibibytes.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(Quantity::bytes(kibibytes * 1024, Unit::Mebibytes))
}

/// Whether the process runs the provider. Between its fork and its start a child is its parent's image, and
/// would be taken for as large.
fn is_provider(process: u32) -> bool {
    let name = fs::read_to_string(format!("/proc/{process}/comm"));
    // The system keeps the first fifteen characters.
    name.is_ok_and(|name| name.trim_end() == &env!("CARGO_PKG_NAME")[..15])
}

/// Descriptors that the process has open.
pub(crate) fn descriptors(process: u32) -> usize {
    fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count)
}

/// Processes that any thread of the process started.
pub(crate) fn children(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task"));
    let threads = threads.into_iter().flatten().flatten();
    threads
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|ids| {
            let ids = ids.split_whitespace().filter_map(|id| id.parse().ok());
            ids.collect::<Vec<u32>>()
        })
        .collect()
}

/// Looks at the providers that a process started until told to stop.
pub(crate) struct Watch {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Option<Quantity>>,
}

impl Watch {
    pub(crate) fn over(process: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut most: Option<Quantity> = None;
            while !stopped.load(Ordering::Relaxed) {
                let mut providers = children(process);
                providers.retain(|&child| is_provider(child));
                for found in providers.into_iter().filter_map(peak) {
                    most = most.filter(|most| most.value > found.value).or(Some(found));
                }
                std::thread::sleep(LOOK);
            }
            most
        });
        Self { stop, thread }
    }

    /// Most memory that one of them held.
    pub(crate) fn peak(self) -> Option<Quantity> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}
