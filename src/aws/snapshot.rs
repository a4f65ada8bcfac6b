//! One list for many readers.
//!
//! The law: a read that begins after a write has returned sees that write. Writes are counted when they
//! end; a list is as good as the count at which it began, and serves only reads that begin at that same
//! count. There is no time to live, because the process lives for one operation.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::error::Failure;
use crate::framework::detached;

/// Count of ended writes to one kind of thing, shared by all that keep a snapshot of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Epoch(Arc<AtomicU64>);

impl Epoch {
    /// Announces a write, before it is sent.
    pub(super) fn write(&self) -> Write {
        Write {
            epoch: self.clone(),
            ended: false,
        }
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A write on its way. Dropping it ends it, so that an unknown outcome makes every snapshot stale.
#[derive(Debug)]
pub(super) struct Write {
    epoch: Epoch,
    ended: bool,
}

impl Write {
    /// Ends the write, and says how many had ended before.
    fn end(mut self) -> u64 {
        self.ended = true;
        self.epoch.0.fetch_add(1, Ordering::SeqCst)
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        if !self.ended {
            self.epoch.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// A write that has ended: how many had ended before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended(u64);

/// The newest list of something, and the one being made.
#[derive(Debug)]
pub(super) struct Snapshot<T> {
    epoch: Epoch,
    state: Arc<Mutex<State<T>>>,
}

#[derive(Debug)]
struct State<T> {
    kept: Option<Kept<T>>,
    flight: Option<Underway<T>>,
}

#[derive(Debug)]
struct Kept<T> {
    began: u64,
    since: Instant,
    value: Arc<T>,
}

impl<T: Clone> State<T> {
    /// Changes the kept list by the answer of a write, if that is all that it misses.
    fn enter(&mut self, Ended(before): Ended, change: impl FnOnce(&mut T)) {
        if let Some(kept) = self.kept.as_mut().filter(|kept| kept.began == before) {
            kept.began = before + 1;
            change(Arc::make_mut(&mut kept.value));
        }
    }
}

/// A list that can be joined, and when it was begun.
#[derive(Debug)]
struct Underway<T> {
    began: u64,
    since: Instant,
    making: Weak<Making<T>>,
    /// Tells the maker that nobody can join any more.
    _open: DropGuard,
}

/// A list being made. Each reader is a receiver.
#[derive(Debug)]
struct Making<T> {
    progress: watch::Sender<Progress<T>>,
    /// Somebody has joined.
    joined: Notify,
}

#[derive(Debug)]
struct Progress<T> {
    /// What has come so far of a list that comes in parts.
    arrived: Option<T>,
    outcome: Option<Outcome<T>>,
}

type Outcome<T> = Result<Arc<T>, Failure>;

/// Takes the parts of a list as they come, for those who look for one entry.
#[derive(Debug)]
pub(super) struct Arrivals<T>(Arc<Making<T>>);

impl<T: Default> Arrivals<T> {
    /// Adds a part.
    pub(super) fn add(&self, part: impl FnOnce(&mut T)) {
        let progress = &self.0.progress;
        progress.send_modify(|progress| part(progress.arrived.get_or_insert_default()));
    }

    /// Waits, between two parts, while everybody has found what they came for. Whoever joins lets the
    /// list go on by a part at least, so that it is ahead of a plan that reads one object after another.
    pub(super) async fn wanted(&self) {
        // Those who were just served go first.
        tokio::task::yield_now().await;
        if self.0.progress.receiver_count() == 0 {
            self.0.joined.notified().await;
        }
    }

    /// The whole list, when its last part has come.
    pub(super) fn into_whole(self) -> T {
        let mut whole = T::default();
        self.0.progress.send_if_modified(|progress| {
            whole = progress.arrived.take().unwrap_or_default();
            false
        });
        whole
    }
}

/// A list that is there, or that is being made as long as this is kept.
#[derive(Debug)]
pub(super) struct Listing<T>(Source<T>);

#[derive(Debug)]
enum Source<T> {
    Kept(Arc<T>),
    Underway(watch::Receiver<Progress<T>>),
}

/// What becomes of a list when its last reader is gone.
#[derive(Clone, Copy, Debug)]
enum Unread {
    /// It is dropped.
    Ends,
    /// It waits before its next part.
    Pauses,
}

impl<T> Listing<T> {
    /// The whole list.
    pub(super) async fn whole(&self) -> Outcome<T> {
        match &self.0 {
            Source::Kept(value) => Ok(Arc::clone(value)),
            Source::Underway(progress) => outcome(progress).await,
        }
    }

    /// What is found in the parts that have come, as soon as it is; `None` if it is not in the whole.
    ///
    /// For what stays found, whatever comes later. The law holds for a part as for the whole: none was
    /// asked for before the list was begun.
    pub(super) async fn find<R>(
        &self,
        look: impl Fn(&T) -> Option<R>,
    ) -> Result<Option<R>, Failure> {
        let progress = match &self.0 {
            Source::Kept(value) => return Ok(look(value)),
            Source::Underway(progress) => progress,
        };
        let mut found = None;
        // An error says that the maker is gone, which `outcome` tells below.
        let _ = progress
            .clone()
            .wait_for(|progress| {
                found = progress.arrived.as_ref().and_then(&look);
                found.is_some() || progress.outcome.is_some()
            })
            .await;
        match found {
            Some(found) => Ok(Some(found)),
            None => Ok(look(&*outcome(progress).await?)),
        }
    }
}

impl<T: Send + Sync + 'static> Snapshot<T> {
    /// Nothing listed yet; writes counted by the epoch make it stale.
    pub(super) fn new(epoch: Epoch) -> Self {
        let state = State {
            kept: None,
            flight: None,
        };
        Self {
            epoch,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The kept list, one being made, or a new one. Dropping the future loses nothing.
    pub(super) async fn read<F>(&self, list: impl FnOnce() -> F) -> Outcome<T>
    where
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        self.read_within(Duration::MAX, list).await
    }

    /// Like [`read`](Self::read), but no list that was begun longer ago: to see what other processes
    /// do, whose writes are not counted here. Those who look side by side share one list.
    pub(super) async fn read_within<F>(
        &self,
        max_age: Duration,
        list: impl FnOnce() -> F,
    ) -> Outcome<T>
    where
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let listing = self.look(max_age, Unread::Ends, |_| list());
        listing.whole().await
    }

    /// Like [`read_within`](Self::read_within), for a list that comes in parts. It is on its way when
    /// this returns; between two parts its maker asks whether more is [`wanted`](Arrivals::wanted).
    pub(super) fn listing<F>(
        &self,
        max_age: Duration,
        list: impl FnOnce(Arrivals<T>) -> F,
    ) -> Listing<T>
    where
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        self.look(max_age, Unread::Pauses, list)
    }

    fn look<F>(
        &self,
        max_age: Duration,
        unread: Unread,
        list: impl FnOnce(Arrivals<T>) -> F,
    ) -> Listing<T>
    where
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let mut state = lock(&self.state);
        let now = self.epoch.now();
        let fits = |began, since: Instant| began == now && since.elapsed() < max_age;
        if let Some(kept) = &state.kept
            && fits(kept.began, kept.since)
        {
            return Listing(Source::Kept(Arc::clone(&kept.value)));
        }
        if let Some(underway) = &state.flight
            && fits(underway.began, underway.since)
            && let Some(making) = underway.making.upgrade()
        {
            making.joined.notify_one();
            return Listing(Source::Underway(making.progress.subscribe()));
        }
        let (underway, reader) = self.start(now, unread, list);
        state.flight = Some(underway);
        Listing(Source::Underway(reader))
    }

    /// The kept list if it is not stale.
    pub(super) fn peek(&self) -> Option<Arc<T>> {
        let state = lock(&self.state);
        let now = self.epoch.now();
        let kept = state.kept.as_ref().filter(|kept| kept.began == now)?;
        Some(Arc::clone(&kept.value))
    }

    /// Ends a write by entering its answer, where the kept list misses nothing else.
    pub(super) fn patch(&self, write: Write, change: impl FnOnce(&mut T)) -> Ended
    where
        T: Clone,
    {
        let mut state = lock(&self.state);
        let ended = Ended(write.end());
        state.enter(ended, change);
        ended
    }

    /// Enters the answer of a write that another snapshot of the same epoch has ended.
    pub(super) fn patch_too(&self, ended: Ended, change: impl FnOnce(&mut T))
    where
        T: Clone,
    {
        lock(&self.state).enter(ended, change);
    }

    fn start<F>(
        &self,
        began: u64,
        unread: Unread,
        list: impl FnOnce(Arrivals<T>) -> F,
    ) -> (Underway<T>, watch::Receiver<Progress<T>>)
    where
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let since = Instant::now();
        let (progress, reader) = watch::channel(Progress {
            arrived: None,
            outcome: None,
        });
        let making = Arc::new(Making {
            progress,
            joined: Notify::new(),
        });
        let closed = CancellationToken::new();
        let underway = Underway {
            began,
            since,
            making: Arc::downgrade(&making),
            _open: closed.clone().drop_guard(),
        };
        let list = list(Arrivals(Arc::clone(&making)));
        // Weak, so that the list ends with the snapshot.
        let state = Arc::downgrade(&self.state);
        detached(async move {
            let forgotten = async {
                match unread {
                    Unread::Ends => abandoned(&making, &state).await,
                    Unread::Pauses => {
                        closed.cancelled().await;
                        making.progress.closed().await;
                    }
                }
            };
            let outcome = tokio::select! {
                outcome = list => outcome.map(Arc::new),
                () = forgotten => return,
            };
            if let Some(state) = state.upgrade() {
                lock(&state).land(began, since, &making, outcome.as_ref().ok());
            }
            let progress = &making.progress;
            progress.send_modify(|progress| progress.outcome = Some(outcome));
        });
        (underway, reader)
    }
}

impl<T> State<T> {
    /// Keeps a list that has come to its end, unless a newer one is there.
    fn land(&mut self, began: u64, since: Instant, making: &Arc<Making<T>>, list: Option<&Arc<T>>) {
        self.close(making);
        let newer = |kept: &Kept<T>| (kept.began, kept.since) > (began, since);
        if let Some(value) = list
            && !self.kept.as_ref().is_some_and(newer)
        {
            self.kept = Some(Kept {
                began,
                since,
                value: Arc::clone(value),
            });
        }
    }

    /// Lets nobody join the list any more.
    fn close(&mut self, making: &Arc<Making<T>>) {
        let of = Arc::downgrade(making);
        self.flight.take_if(|underway| underway.making.ptr_eq(&of));
    }
}

/// Waits until the last reader is gone, and lets nobody join then.
async fn abandoned<T>(making: &Arc<Making<T>>, state: &Weak<Mutex<State<T>>>) {
    loop {
        making.progress.closed().await;
        let Some(state) = state.upgrade() else { return };
        let mut state = lock(&state);
        if making.progress.receiver_count() == 0 {
            return state.close(making);
        }
    }
}

async fn outcome<T>(progress: &watch::Receiver<Progress<T>>) -> Outcome<T> {
    let mut progress = progress.clone();
    let outcome = progress
        .wait_for(|progress| progress.outcome.is_some())
        .await
        .ok()
        .and_then(|progress| progress.outcome.clone());
    outcome.unwrap_or_else(|| Err(Failure::bug("A list from AWS ended without an outcome.")))
}

/// A panic elsewhere leaves the state whole: it is only ever replaced.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::sync::atomic::AtomicUsize;

    use futures_util::future::BoxFuture;
    use tokio::sync::oneshot;
    use tokio::task::yield_now;

    use super::*;

    /// A server that counts what has been written to it, and how often it was listed.
    #[derive(Clone, Default)]
    struct Server {
        written: Arc<AtomicU64>,
        listed: Arc<AtomicUsize>,
    }

    impl Server {
        fn list(&self) -> impl Future<Output = Result<u64, Failure>> + Send + 'static {
            let server = self.clone();
            async move {
                server.listed.fetch_add(1, Ordering::SeqCst);
                yield_now().await;
                let written = server.written.load(Ordering::SeqCst);
                yield_now().await;
                Ok(written)
            }
        }

        /// Like [`list`](Self::list), with a part that comes before the end.
        fn list_by(
            &self,
            arrivals: Arrivals<u64>,
        ) -> impl Future<Output = Result<u64, Failure>> + Send + 'static {
            let list = self.list();
            async move {
                let written = list.await?;
                arrivals.add(|found| *found = written);
                arrivals.wanted().await;
                Ok(arrivals.into_whole())
            }
        }

        fn listed(&self) -> usize {
            self.listed.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn concurrent_reads_share_one_list() {
        let (server, snapshot) = (Server::default(), Snapshot::new(Epoch::default()));
        let read = || snapshot.read(|| server.list());
        let (a, b, c) = tokio::join!(read(), read(), read());
        assert!([a, b, c].into_iter().all(|seen| *seen.unwrap() == 0));
        read().await.unwrap();
        assert_eq!(server.listed(), 1);
    }

    #[tokio::test]
    async fn a_write_makes_the_list_stale_and_a_patch_does_not() {
        let (server, epoch) = (Server::default(), Epoch::default());
        let snapshot = Snapshot::new(epoch.clone());
        snapshot.read(|| server.list()).await.unwrap();

        snapshot.patch(epoch.write(), |found| *found = 7);
        assert_eq!(*snapshot.read(|| server.list()).await.unwrap(), 7);
        assert_eq!(server.listed(), 1);

        drop(epoch.write());
        assert!(snapshot.peek().is_none());
        assert_eq!(*snapshot.read(|| server.list()).await.unwrap(), 0);
        assert_eq!(server.listed(), 2);
    }

    #[tokio::test]
    async fn one_write_patches_all_snapshots_that_it_touches() {
        let (server, epoch) = (Server::default(), Epoch::default());
        let (one, other) = (Snapshot::new(epoch.clone()), Snapshot::new(epoch.clone()));
        one.read(|| server.list()).await.unwrap();
        other.read(|| server.list()).await.unwrap();
        let ended = one.patch(epoch.write(), |found| *found = 7);
        other.patch_too(ended, |_| {});
        assert_eq!(
            (one.peek().as_deref(), other.peek().as_deref()),
            (Some(&7), Some(&0))
        );

        // A second write in between is missing from the other list, which is then stale.
        let ended = one.patch(epoch.write(), |found| *found = 8);
        drop(epoch.write());
        other.patch_too(ended, |_| {});
        assert!(other.peek().is_none());
    }

    #[tokio::test]
    async fn a_patch_does_not_hide_a_write_that_is_not_in_the_list() {
        let (server, epoch) = (Server::default(), Epoch::default());
        let snapshot = Snapshot::new(epoch.clone());
        snapshot.read(|| server.list()).await.unwrap();
        let ours = epoch.write();
        drop(epoch.write());
        snapshot.patch(ours, |found| *found = 7);
        assert!(
            snapshot.peek().is_none(),
            "the other write is missing from the patched list"
        );
    }

    #[tokio::test]
    async fn a_list_begun_before_a_write_serves_no_read_begun_after() {
        let epoch = Epoch::default();
        let snapshot = Snapshot::new(epoch.clone());
        let (release, held) = oneshot::channel::<()>();
        let early = snapshot.read(|| async move {
            held.await.ok();
            Ok(0)
        });
        let late = async {
            yield_now().await;
            drop(epoch.write());
            let seen = snapshot.read(|| async { Ok(1) }).await.unwrap();
            release.send(()).unwrap();
            seen
        };
        let (early, late) = tokio::join!(early, late);
        assert_eq!((*early.unwrap(), *late), (0, 1));
        assert_eq!(
            snapshot.peek().as_deref(),
            Some(&1),
            "the older list does not replace the newer"
        );
    }

    #[tokio::test]
    async fn a_reader_that_gives_up_does_not_end_the_list_of_the_others() {
        let snapshot = Arc::new(Snapshot::new(Epoch::default()));
        let (release, held) = oneshot::channel::<()>();
        let leader = Arc::clone(&snapshot);
        let leader = tokio::spawn(async move {
            leader
                .read(|| async move {
                    held.await.ok();
                    Ok(5)
                })
                .await
        });
        yield_now().await;
        let follower = snapshot.read(|| async { Ok(6) });
        let gives_up = async {
            yield_now().await;
            leader.abort();
            yield_now().await;
            release.send(()).unwrap();
        };
        let (seen, ()) = tokio::join!(follower, gives_up);
        assert_eq!(*seen.unwrap(), 5);
    }

    #[tokio::test]
    async fn a_list_that_nobody_waits_for_ends() {
        let snapshot = Arc::new(Snapshot::<u64>::new(Epoch::default()));
        let (guard, ended) = oneshot::channel::<()>();
        let reader = Arc::clone(&snapshot);
        let reader = tokio::spawn(async move {
            reader
                .read(|| async move {
                    let _guard = guard;
                    std::future::pending().await
                })
                .await
        });
        yield_now().await;
        reader.abort();
        assert!(ended.await.is_err(), "the list was dropped");
        assert_eq!(*snapshot.read(|| async { Ok(1) }).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_failure_reaches_those_who_waited_and_is_not_kept() {
        let snapshot = Snapshot::new(Epoch::default());
        let fails = || async { Err::<u64, _>(Failure::bug("no")) };
        let (a, b) = tokio::join!(snapshot.read(fails), snapshot.read(|| async { Ok(1) }));
        assert!(a.is_err() && b.is_err());
        assert_eq!(*snapshot.read(|| async { Ok(1) }).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn what_has_arrived_is_found_before_the_end() {
        let snapshot = Snapshot::<Vec<u64>>::new(Epoch::default());
        let (release, held) = oneshot::channel::<()>();
        let listing = snapshot.listing(Duration::MAX, |arrivals: Arrivals<Vec<u64>>| async move {
            arrivals.add(|all| all.push(1));
            held.await.ok();
            arrivals.add(|all| all.push(2));
            Ok(arrivals.into_whole())
        });
        let find =
            |wanted: u64| listing.find(move |all| all.iter().copied().find(|n| *n == wanted));
        assert_eq!(find(1).await.unwrap(), Some(1));
        let (late, missing, ()) = tokio::join!(find(2), find(3), async {
            yield_now().await;
            release.send(()).unwrap();
        });
        assert_eq!((late.unwrap(), missing.unwrap()), (Some(2), None));
        assert_eq!(*listing.whole().await.unwrap(), [1, 2]);
        assert_eq!(snapshot.peek().as_deref(), Some(&vec![1, 2]));
    }

    /// Numbers in parts of one, and how many parts have come.
    fn numbers(
        parts: &Arc<AtomicUsize>,
    ) -> impl FnOnce(Arrivals<Vec<u64>>) -> BoxFuture<'static, Result<Vec<u64>, Failure>> {
        let parts = Arc::clone(parts);
        |arrivals| {
            Box::pin(async move {
                for number in 1..=3 {
                    yield_now().await;
                    parts.fetch_add(1, Ordering::SeqCst);
                    arrivals.add(|all| all.push(number));
                    if number < 3 {
                        arrivals.wanted().await;
                    }
                }
                Ok(arrivals.into_whole())
            })
        }
    }

    #[tokio::test]
    async fn a_list_waits_for_the_next_who_looks_and_is_not_begun_again() {
        let snapshot = Snapshot::<Vec<u64>>::new(Epoch::default());
        let parts = Arc::default();
        let find = async |wanted: u64| {
            let listing = snapshot.listing(Duration::MAX, numbers(&parts));
            let look = |all: &Vec<u64>| all.iter().copied().find(|n| *n == wanted);
            let found = listing.find(look).await.unwrap();
            drop(listing);
            pause(20).await;
            (found, parts.load(Ordering::SeqCst))
        };
        assert_eq!(find(1).await, (Some(1), 1), "nobody wants more");
        assert_eq!(
            find(1).await,
            (Some(1), 2),
            "one more who may not be the last"
        );
        assert_eq!(find(3).await, (Some(3), 3), "nothing is asked for twice");
        assert_eq!(find(4).await, (None, 3));
    }

    #[tokio::test]
    async fn a_list_that_waits_ends_when_it_is_stale() {
        let epoch = Epoch::default();
        let snapshot = Snapshot::<Vec<u64>>::new(epoch.clone());
        let parts = Arc::default();
        let listing = snapshot.listing(Duration::MAX, numbers(&parts));
        listing.find(|all| all.first().copied()).await.unwrap();
        let underway = lock(&snapshot.state)
            .flight
            .as_ref()
            .unwrap()
            .making
            .clone();
        drop(listing);
        drop(epoch.write());
        let fresh = snapshot.listing(Duration::MAX, numbers(&parts));
        assert_eq!(*fresh.whole().await.unwrap(), [1, 2, 3]);
        assert!(underway.upgrade().is_none(), "its maker is gone");
        assert_eq!(parts.load(Ordering::SeqCst), 4);
    }

    #[tokio::test]
    async fn who_looks_in_a_list_that_fails_learns_why() {
        let snapshot = Snapshot::<Vec<u64>>::new(Epoch::default());
        let listing = snapshot.listing(Duration::MAX, |arrivals: Arrivals<Vec<u64>>| async move {
            arrivals.add(|all| all.push(1));
            yield_now().await;
            Err(Failure::bug("made to fail"))
        });
        assert!(listing.find(|all| all.get(1).copied()).await.is_err());
        assert!(snapshot.peek().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_within_an_age_asks_again_only_when_the_list_is_older() {
        let (server, snapshot) = (Server::default(), Snapshot::new(Epoch::default()));
        let within = |seconds| snapshot.read_within(Duration::from_secs(seconds), || server.list());
        within(5).await.unwrap();
        server.written.store(3, Ordering::SeqCst);
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!(*within(5).await.unwrap(), 0);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(*within(5).await.unwrap(), 3);
        assert_eq!(*snapshot.read(|| server.list()).await.unwrap(), 3);
        assert_eq!(server.listed(), 2);
    }

    /// What is still open, decided in every possible way, one run after the other.
    #[derive(Default)]
    struct Choices {
        taken: Vec<(usize, usize)>,
        at: usize,
    }

    impl Choices {
        fn pick(&mut self, sides: usize) -> usize {
            if self.at == self.taken.len() {
                self.taken.push((0, sides));
            }
            self.at += 1;
            self.taken[self.at - 1].0
        }

        /// Prepares the next run; `false` after the last.
        fn next_run(&mut self) -> bool {
            self.at = 0;
            while self
                .taken
                .pop_if(|(chosen, sides)| *chosen + 1 == *sides)
                .is_some()
            {}
            self.taken.last_mut().is_some_and(|last| {
                last.0 += 1;
                true
            })
        }
    }

    /// One who leads and may give up or fail, one who writes, and two who read: in every order of what they
    /// do, each reader checks the law.
    #[test]
    fn the_law_holds_in_every_order_of_a_few() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let (mut choices, mut runs) = (Choices::default(), 0);
        loop {
            runtime.block_on(chosen_order(&mut choices));
            runs += 1;
            if !choices.next_run() {
                break;
            }
        }
        assert_eq!(runs, 6 * 2 * 3 * 2 * 3 * 2 * 6 * 2 * 8 * 2);
    }

    async fn chosen_order(choices: &mut Choices) {
        let (server, epoch) = (Server::default(), Epoch::default());
        let snapshot = &Snapshot::new(epoch.clone());
        let returned = &AtomicU64::new(0);
        let look = async |starts: usize, whole: bool, fails: bool| {
            pause(starts).await;
            let due = returned.load(Ordering::SeqCst);
            let listing = snapshot.listing(Duration::MAX, |arrivals| {
                let list = server.list_by(arrivals);
                async move {
                    let listed = list.await;
                    if fails {
                        Err(Failure::bug("made to fail"))
                    } else {
                        listed
                    }
                }
            });
            let found = if whole {
                listing.whole().await.map(|found| *found)
            } else {
                let found = listing.find(|found| Some(*found)).await;
                found.map(Option::unwrap_or_default)
            };
            if let Ok(found) = found {
                assert!(found >= due, "saw {found}, {due} had returned");
            }
        };

        let (patience, fails) = (choices.pick(6), choices.pick(2) == 1);
        let leader = async {
            tokio::select! {
                () = look(0, true, fails) => {}
                () = pause(patience) => {}
            }
        };
        let [starts, sends, answers] = [3, 2, 3].map(|sides| choices.pick(sides));
        let patches = choices.pick(2) == 1;
        let writer = async {
            pause(2 * starts).await;
            let write = epoch.write();
            pause(sends).await;
            let written = server.written.fetch_add(1, Ordering::SeqCst) + 1;
            pause(answers).await;
            if patches {
                snapshot.patch(write, |found: &mut u64| *found = (*found).max(written));
            } else {
                drop(write);
            }
            returned.fetch_max(written, Ordering::SeqCst);
        };
        let [early, late] = [6, 8].map(|sides| (choices.pick(sides), choices.pick(2) == 1));
        tokio::join!(
            leader,
            writer,
            look(early.0, early.1, false),
            look(late.0, late.1, false)
        );
        let found = snapshot.read(|| server.list()).await.unwrap();
        assert_eq!(*found, server.written.load(Ordering::SeqCst));
    }

    /// Readers, writers and quitters in thousands of random orders; each reader checks the law.
    #[test]
    fn the_law_holds_whatever_the_order() {
        for seed in 0..2_000 {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            runtime.block_on(random_order(seed));
        }
    }

    async fn random_order(seed: u64) {
        let dice = Arc::new(Mutex::new(fastrand::Rng::with_seed(seed)));
        let roll = move |sides: usize| lock(&dice).usize(..sides);
        let (server, epoch) = (Server::default(), Epoch::default());
        let snapshot = Arc::new(Snapshot::new(epoch.clone()));
        // What every read begun from now on must at least see.
        let returned = Arc::new(AtomicU64::new(0));

        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..12 {
            let (roll, server, snapshot) = (roll.clone(), server.clone(), Arc::clone(&snapshot));
            let (epoch, returned) = (epoch.clone(), Arc::clone(&returned));
            let kind = roll(6);
            tasks.spawn(async move {
                pause(roll(6)).await;
                match kind {
                    0 => drop(epoch.write()), // a write with an unknown outcome and no effect
                    1 | 2 => {
                        let write = epoch.write();
                        pause(roll(3)).await;
                        let written = server.written.fetch_add(1, Ordering::SeqCst) + 1;
                        pause(roll(3)).await;
                        if kind == 1 {
                            drop(write);
                        } else {
                            snapshot.patch(write, |found: &mut u64| *found = (*found).max(written));
                        }
                        returned.fetch_max(written, Ordering::SeqCst);
                    }
                    3 => {
                        let due = returned.load(Ordering::SeqCst);
                        let listing = snapshot.listing(Duration::MAX, |parts| server.list_by(parts));
                        // Whatever comes first of the list has to obey the law.
                        if let Ok(found) = listing.find(|found| Some(*found)).await {
                            let found = found.unwrap_or_default();
                            assert!(found >= due, "seed {seed}: saw {found}, {due} had returned");
                        }
                    }
                    _ => {
                        let due = returned.load(Ordering::SeqCst);
                        let fails = roll(4) == 0;
                        let list = server.list();
                        let list = async move {
                            let found = list.await?;
                            if fails { Err(Failure::bug("made to fail")) } else { Ok(found) }
                        };
                        let patience = pause(if kind == 4 { 40 } else { roll(5) });
                        tokio::select! {
                            found = snapshot.read(|| list) => {
                                if let Ok(found) = found {
                                    assert!(*found >= due, "seed {seed}: saw {found}, {due} had returned");
                                }
                            }
                            () = patience => {}
                        }
                    }
                }
            });
        }
        while let Some(task) = tasks.join_next().await {
            task.unwrap();
        }
        let found = snapshot.read(|| server.list()).await.unwrap();
        assert_eq!(*found, server.written.load(Ordering::SeqCst), "seed {seed}");
    }

    async fn pause(yields: usize) {
        for _ in 0..yields {
            yield_now().await;
        }
    }
}
