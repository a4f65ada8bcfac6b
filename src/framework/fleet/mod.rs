//! Fleets: one resource that keeps many objects of another resource, each under a key.
//!
//! Terraform's graph grows faster than the number of its resources, and a fleet is one node of it. The
//! singular resource does the work: its plan, create, read, update and delete are called for each object,
//! with a context of its own, many at a time. A fleet adds what only the many have: the failure of one
//! object loses nothing of the others.
//!
//! The rule a reader would not guess: an error in a creation taints a resource, and the next apply would
//! destroy every object to make it again. So a fleet of which a part could be made succeeds with
//! warnings, and its results say which objects are missing and why; the next plan makes them, in place.

mod report;
mod shape;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream;
use futures_util::{Stream, StreamExt};

use self::report::Report;
use self::shape::{RESULTS, Shape, found, is_open, missing, with};
use super::apply::settle;
use super::context::Cx;
use super::diagnostic::{Diagnostic, Diagnostics, Result};
use super::erased::{self, ErasedChange, MoveRequest, Planned, Resource as _};
use super::import::ImportId;
use super::model::Model;
use super::page::Page;
use super::resource::{self, Resource};
use super::schema::Schema;
use super::server::guarded;
use super::value::{Name, Value};

/// A resource that keeps many objects of another.
///
/// Its model has an attribute that maps keys to what the user writes of each object, and a computed
/// `results` that maps the same keys to what came of it. Either may have any attribute of the object, the
/// fleet may have any that holds for all, and every result has a `problem`.
pub trait Fleet: Send + Sync + 'static {
    /// Name without the provider's: `partner_account_invitations`.
    const NAME: &'static str;
    /// What the page says beyond the schema.
    const PAGE: Page;
    /// Attribute that holds the entries.
    const OBJECTS: &'static str;
    /// Switch of the fleet by which an object waits for somebody: it counts only after everything else is
    /// done, so that no object waits before another is made.
    const WAITS: Option<&'static str> = None;
    /// What the user writes and reads.
    type Model: Model;
    /// The resource of one object.
    type One: Resource;

    /// Attribute of one object that the key stands for.
    fn named_by(key: &str) -> &'static str;

    /// Finds the objects that the user names: the key of each, and its import ID.
    fn import(
        client: Client<Self>,
        cx: &Cx,
        id: ImportId,
    ) -> impl Future<Output = Result<Vec<(String, ImportId)>>> + Send;
}

/// What configuring the provider made.
pub type Client<F> = <<F as Fleet>::One as Resource>::Client;

/// Objects that are worked on at the same time: a call of AWS may take more than a second, and the fastest
/// of AWS's rates that matter here is twenty calls a second.
const AT_ONCE: usize = 32;

/// Objects that are looked at at the same time. Most wait for their page of a list, whose order is not that
/// of the keys: with few in the room, all of them soon wait for the last pages, and the work piles up there.
const LOOKS_AT_ONCE: usize = 256;

/// How often a long operation says how far it is, and keeps what it has done.
const PROGRESS: Duration = Duration::from_secs(5);

/// A fleet whose types are forgotten.
pub(super) struct Erased<F: Fleet> {
    one: resource::Erased<F::One>,
    shape: OnceLock<Shape>,
}

/// What is to be done with the object of a key.
#[derive(Clone, Copy)]
enum Step {
    Create,
    Update,
    Delete,
}

/// How it ended.
struct Done {
    key: Name,
    /// The entry now; none where its object is deleted.
    entry: Option<Value>,
    /// The object now; null where there is none.
    object: Value,
    said: Diagnostics,
}

impl<F: Fleet> Erased<F> {
    pub(super) const fn new() -> Self {
        Self {
            one: resource::Erased::new(),
            shape: OnceLock::new(),
        }
    }

    fn shape(&self) -> &Shape {
        self.shape.get_or_init(Shape::of::<F>)
    }

    /// Lets the singular resource plan the object of an entry.
    async fn plan_one(
        &self,
        client: Client<F>,
        cx: &Cx,
        change: &ErasedChange<'_>,
        key: Name,
    ) -> Done {
        let shape = self.shape();
        let one = cx.of_one(&key);
        let nothing = Value::Null;
        let fleet = change.prior.unwrap_or(&nothing);
        let prior = shape
            .existing(fleet, &key)
            .map(|entry| shape.object(fleet, &key, entry, &nothing));
        let entry = change.planned.get(F::OBJECTS).get(&key).clone();
        let (entry, filler) = match &prior {
            Some(_) => (found(entry), &nothing),
            None => (shape.open(&entry), &Value::UNKNOWN),
        };
        let written = change.config.get(F::OBJECTS).get(&key);
        let config = shape.object(change.config, &key, written, &nothing);
        let planned = shape.object(&change.planned, &key, &entry, filler);
        let wished = ErasedChange {
            prior: prior.as_ref(),
            config: &config,
            planned: planned.clone(),
            requires_replace: change.requires_replace.clone(),
        };
        let adjusted = self.one.plan(client, &one, wished).await;
        cx.keep_notes(&key, &one);
        let mut said = one.take_warnings();
        let object = match adjusted {
            Ok(adjusted) if adjusted.requires_replace == change.requires_replace => adjusted.state,
            Ok(_) => {
                said.push(Diagnostic::bug(
                    "An object of a fleet cannot be replaced by itself.",
                ));
                planned.clone()
            }
            Err(problems) => {
                said.extend(problems);
                planned.clone()
            }
        };
        Done {
            key,
            entry: Some(shape.entry(&entry, &planned, &object)),
            object,
            said,
        }
    }

    /// What is to be done to come from one state to the other. An entry that is known in the plan to stay
    /// without an object stays so.
    fn steps(&self, prior: &Value, planned: &Value) -> Vec<(Name, Step)> {
        let shape = self.shape();
        let wanted = planned.get(F::OBJECTS);
        let unwanted = shape
            .entries(prior)
            .map(|(key, _)| key)
            .filter(|key| wanted.get(key).is_null() && shape.existing(prior, key).is_some())
            .map(|key| (key.clone(), Step::Delete));
        let wanted = shape.entries(planned).filter_map(|(key, entry)| {
            let step = match shape.existing(prior, key) {
                None => is_open(entry).then_some(Step::Create),
                Some(before) => self
                    .differ(prior, planned, key, before, entry)
                    .then_some(Step::Update),
            };
            Some((key.clone(), step?))
        });
        unwanted.chain(wanted).collect()
    }

    /// Whether the object changes, through its entry or through what holds for all.
    fn differ(
        &self,
        prior: &Value,
        planned: &Value,
        key: &str,
        before: &Value,
        entry: &Value,
    ) -> bool {
        let object = |fleet, entry| self.shape().object(fleet, key, entry, &Value::Null);
        before != entry || object(prior, before) != object(planned, entry)
    }

    /// Lets the singular resource take one step.
    async fn take(
        &self,
        client: Client<F>,
        cx: &Cx,
        [prior, planned]: [&Value; 2],
        (key, step): (Name, Step),
    ) -> Done {
        let shape = self.shape();
        let one = cx.of_one(&key);
        let [before, entry] = [prior, planned].map(|fleet| fleet.get(F::OBJECTS).get(&key));
        let is = shape.object(prior, &key, before, &Value::Null);
        let filler = match step {
            Step::Create => &Value::UNKNOWN,
            Step::Update | Step::Delete => &Value::Null,
        };
        let wished = shape.object(planned, &key, entry, filler);
        let work = async {
            if let Some(why) = cx.interrupted() {
                return Err(Diagnostic::from(why).into());
            }
            match step {
                Step::Create => self.one.create(client, &one, &wished).await,
                Step::Update => self.one.update(client, &one, &is, &wished).await,
                Step::Delete => {
                    let deleted = self.one.delete(client, &one, &is).await;
                    deleted.map(|()| Value::Null)
                }
            }
        };
        let outcome = guarded(work).await.unwrap_or_else(|bug| Err(bug.into()));
        let mut said = one.take_warnings();
        let (object, problem) = match outcome {
            Ok(object) => (Some(object), None),
            Err(problems) => {
                let problem = reason(&problems);
                said.extend(problems);
                (one.take_progress(), Some(problem))
            }
        };
        let entry = match (step, object.as_ref(), problem) {
            (Step::Delete, _, None) => None,
            (Step::Delete, _, Some(_)) | (Step::Update, None, _) => Some(before.clone()),
            (_, Some(now), _) => Some(found(shape.entry(entry, &wished, now))),
            (Step::Create, None, problem) => Some(missing(entry, &problem.unwrap_or_default())),
        };
        cx.keep_notes(&key, &one);
        Done {
            key,
            entry,
            object: object.unwrap_or(Value::Null),
            said,
        }
    }

    /// Does all the work from one state to the other, the waiting at the end, and tells how far it came.
    async fn carry_out(
        &self,
        client: Client<F>,
        cx: &Cx,
        prior: &Value,
        planned: &Value,
    ) -> (Value, Report) {
        let mut report = Report::default();
        let waits = F::WAITS.filter(|name| *planned.get(name) == Value::Bool(true));
        let Some(switch) = waits else {
            let state = self.pass(client, cx, prior, planned, &mut report).await;
            return (state, report);
        };
        let at_once = with(planned.clone(), switch, false.into());
        let done = self
            .pass(client.clone(), cx, prior, &at_once, &mut report)
            .await;
        let waiting = with(done.clone(), switch, true.into());
        let state = self.pass(client, cx, &done, &waiting, &mut report).await;
        (state, report)
    }

    /// Takes all steps from one state to the other, as far as they can be taken.
    async fn pass(
        &self,
        client: Client<F>,
        cx: &Cx,
        prior: &Value,
        planned: &Value,
        report: &mut Report,
    ) -> Value {
        let shape = self.shape();
        let steps = self.steps(prior, planned);
        let (all, mut done) = (steps.len(), 0);
        let mut entries = Self::untouched(prior, planned, &steps);
        let mut state = shape.alone(if planned.is_null() { prior } else { planned });
        let mut work = many(
            steps
                .into_iter()
                .map(|step| self.take(client.clone(), cx, [prior, planned], step)),
            AT_ONCE,
        );
        let mut progress = tokio::time::interval(PROGRESS);
        progress.tick().await;
        loop {
            let ended = tokio::select! {
                ended = work.next() => ended,
                _ = progress.tick() => {
                    tracing::info!(fleet = F::NAME, done, all, "fleet under way");
                    cx.save_value(shape.split(shape.holding(state.clone(), entries.clone())));
                    continue;
                }
            };
            let Some(ended) = ended else { break };
            done += 1;
            shape.share(&mut state, &ended.object, Value::is_unknown);
            report.add(&ended.key, ended.said);
            match ended.entry {
                Some(entry) => entries.insert(ended.key, entry),
                None => entries.remove(&ended.key),
            };
        }
        let mut state = shape.holding(state, entries);
        settle(&mut state);
        state
    }

    /// Entries before any step is taken.
    fn untouched(prior: &Value, planned: &Value, steps: &[(Name, Step)]) -> BTreeMap<Name, Value> {
        let mut entries = match planned.get(F::OBJECTS) {
            Value::Map(entries) => entries.clone(),
            _ => BTreeMap::new(),
        };
        for (key, step) in steps {
            let [before, entry] = [prior, planned].map(|fleet| fleet.get(F::OBJECTS).get(key));
            let entry = match step {
                Step::Create => missing(entry, "The apply did not come to it."),
                Step::Update | Step::Delete => before.clone(),
            };
            entries.insert(key.clone(), entry);
        }
        entries
    }

    /// Looks at the object of an entry.
    async fn look_at(&self, client: Client<F>, cx: &Cx, fleet: &Value, key: Name) -> Done {
        let shape = self.shape();
        let one = cx.of_one(&key);
        let entry = fleet.get(F::OBJECTS).get(&key);
        let before = shape.object(fleet, &key, entry, &Value::Null);
        let found = match shape.existing(fleet, &key) {
            Some(_) => self.one.read(client, &one, &before).await.map(Some),
            None => Ok(None),
        };
        let mut said = one.take_warnings();
        let (entry, object) = match found {
            Ok(Some(Some(now))) => (shape.entry(entry, &before, &now), now),
            Ok(Some(None)) => (shape.gone(entry, &reason(&said)), Value::Null),
            Ok(None) => (entry.clone(), Value::Null),
            Err(problems) => {
                said.extend(problems);
                (entry.clone(), Value::Null)
            }
        };
        cx.keep_notes(&key, &one);
        Done {
            key,
            entry: Some(entry),
            object,
            said,
        }
    }

    /// Warns of, or refuses, the deletion of the objects that the fleet no longer has.
    async fn plan_deletions(
        &self,
        client: &Client<F>,
        cx: &Cx,
        fleet: &Value,
        kept: &Value,
        report: &mut Report,
    ) {
        let shape = self.shape();
        let lost = shape
            .entries(fleet)
            .filter(|(key, _)| kept.get(key).is_null());
        for (key, entry) in lost.filter(|(key, _)| shape.existing(fleet, key).is_some()) {
            let one = cx.of_one(key);
            let object = shape.object(fleet, key, entry, &Value::Null);
            let refused = self.one.plan_destroy(client.clone(), &one, &object).await;
            report.add(key, one.take_warnings());
            report.add(key, refused.err().unwrap_or_default());
        }
    }
}

impl<F: Fleet> erased::Resource<Client<F>> for Erased<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn page(&self) -> &'static Page {
        &F::PAGE
    }

    fn schema(&self) -> Schema {
        F::Model::schema()
    }

    fn check(&self, config: &Value) -> Diagnostics {
        super::validate::check::<F::Model>(config, |_, _| {})
    }

    fn plan<'a>(
        &'a self,
        client: Client<F>,
        cx: &'a Cx,
        change: ErasedChange<'a>,
    ) -> BoxFuture<'a, Result<Planned, Diagnostics>> {
        async move {
            let shape = self.shape();
            let mut report = Report::default();
            let mut state = change.planned;
            if matches!(state.get(F::OBJECTS), Value::Map(_)) {
                let prior = change.prior.map(|prior| shape.joined(prior));
                let nothing = prior.as_ref().unwrap_or(&Value::Null);
                let change = &ErasedChange {
                    prior: prior.as_ref(),
                    config: change.config,
                    planned: shape.foretold(nothing, &state, &client),
                    requires_replace: change.requires_replace.clone(),
                };
                state = shape.alone(&state);
                let mut entries = BTreeMap::new();
                let planned = change.planned.get(F::OBJECTS);
                let mut plans = many(
                    shape
                        .keys(&change.planned)
                        .map(|key| self.plan_one(client.clone(), cx, change, key)),
                    AT_ONCE,
                );
                while let Some(done) = plans.next().await {
                    shape.share(&mut state, &done.object, |value| {
                        value.is_unknown() || value.is_null()
                    });
                    report.add(&done.key, done.said);
                    entries.extend(done.entry.map(|entry| (done.key, entry)));
                }
                if let Some(prior) = change.prior {
                    self.plan_deletions(&client, cx, prior, planned, &mut report)
                        .await;
                }
                state = shape.split(shape.holding(state, entries));
            }
            tell(cx, shape, report)?;
            Ok(Planned {
                state,
                requires_replace: change.requires_replace,
            })
        }
        .boxed()
    }

    fn plan_destroy<'a>(
        &'a self,
        client: Client<F>,
        cx: &'a Cx,
        state: &'a Value,
    ) -> BoxFuture<'a, Result<(), Diagnostics>> {
        async move {
            let shape = self.shape();
            let mut report = Report::default();
            let state = shape.joined(state);
            self.plan_deletions(&client, cx, &state, &Value::Null, &mut report)
                .await;
            tell(cx, shape, report)
        }
        .boxed()
    }

    fn create<'a>(
        &'a self,
        client: Client<F>,
        cx: &'a Cx,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Diagnostics>> {
        async move {
            let shape = self.shape();
            let planned = shape.joined(planned);
            let (state, report) = self.carry_out(client, cx, &Value::Null, &planned).await;
            let all = shape.entries(&state).count();
            let absent = all - shape.objects(&state);
            let (warnings, errors) = report.told(shape);
            warnings.into_iter().for_each(|warning| cx.warn(warning));
            if absent == all && !errors.is_empty() {
                cx.take_progress();
                return Err(errors);
            }
            if absent > 0 {
                cx.warn(incomplete(F::OBJECTS, absent, all));
            }
            for error in errors {
                cx.warn(error.into_warning());
            }
            Ok(shape.split(state))
        }
        .boxed()
    }

    fn read<'a>(
        &'a self,
        client: Client<F>,
        cx: &'a Cx,
        state: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Value>, Diagnostics>> {
        async move {
            let shape = self.shape();
            let mut report = Report::default();
            let state = &shape.joined(state);
            let (mut now, mut entries) = (shape.alone(state), BTreeMap::new());
            let looks = shape
                .keys(state)
                .map(|key| self.look_at(client.clone(), cx, state, key));
            let mut looks = many(looks, LOOKS_AT_ONCE);
            while let Some(done) = looks.next().await {
                shape.share(&mut now, &done.object, Value::is_null);
                report.add(&done.key, done.said);
                entries.extend(done.entry.map(|entry| (done.key, entry)));
            }
            tell(cx, shape, report)?;
            Ok(Some(shape.split(shape.holding(now, entries))))
        }
        .boxed()
    }

    fn update<'a>(
        &'a self,
        client: Client<F>,
        cx: &'a Cx,
        prior: &'a Value,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Diagnostics>> {
        async move {
            let shape = self.shape();
            let [prior, planned] = [prior, planned].map(|fleet| shape.joined(fleet));
            let (state, report) = self.carry_out(client, cx, &prior, &planned).await;
            let state = shape.split(state);
            cx.save_value(state.clone());
            tell(cx, shape, report)?;
            Ok(state)
        }
        .boxed()
    }

    fn delete<'a>(
        &'a self,
        client: Client<F>,
        cx: &'a Cx,
        state: &'a Value,
    ) -> BoxFuture<'a, Result<(), Diagnostics>> {
        async move {
            let shape = self.shape();
            let state = shape.joined(state);
            let (left, report) = self.carry_out(client, cx, &state, &Value::Null).await;
            cx.save_value(shape.split(left));
            tell(cx, shape, report)
        }
        .boxed()
    }

    fn import<'a>(
        &'a self,
        client: Client<F>,
        cx: &'a Cx,
        id: ImportId,
    ) -> BoxFuture<'a, Result<Value, Diagnostics>> {
        async move {
            let shape = self.shape();
            let named = F::import(client.clone(), cx, id).await?;
            let mut report = Report::default();
            let mut found = BTreeMap::new();
            let imports = named.into_iter().map(|(key, id)| {
                let (client, one) = (client.clone(), cx.of_one(&key));
                async move {
                    let object = self.one.import(client, &one, id).await;
                    cx.keep_notes(&key, &one);
                    (key, object, one.take_warnings())
                }
            });
            let mut imports = many(imports, LOOKS_AT_ONCE);
            while let Some((key, object, said)) = imports.next().await {
                report.add(&key, said);
                match object {
                    Ok(object) => drop(found.insert(key, object)),
                    Err(problems) => report.add(&key, problems),
                }
            }
            tell(cx, shape, report)?;
            let mut fleet = shape.empty();
            if let Some(object) = found.values().next() {
                shape.set_alike(&mut fleet, object);
            }
            let blank = shape.blank();
            let mut entries = BTreeMap::new();
            for (key, object) in found {
                let nothing = shape.object(&fleet, &key, &blank, &Value::Null);
                let entry = shape.entry(&blank, &nothing, &object);
                entries.insert(key.into(), entry);
            }
            Ok(shape.split(shape.holding(fleet, entries)))
        }
        .boxed()
    }

    fn upgrade(&self, version: i64, _: serde_json::Value) -> Result<Value, Diagnostics> {
        Err(resource::unsupported_version(F::NAME, version).into())
    }

    fn move_state(&self, _: &MoveRequest) -> Result<Option<Value>, Diagnostics> {
        Ok(None)
    }
}

/// Polls so many of the futures at a time.
fn many<T>(
    futures: impl Iterator<Item: Future<Output = T>>,
    at_once: usize,
) -> impl Stream<Item = T> {
    stream::iter(futures).buffer_unordered(at_once)
}

/// Gives the warnings to the call, and ends it with the errors, if there are any.
fn tell(cx: &Cx, shape: &Shape, report: Report) -> Result<(), Diagnostics> {
    let (warnings, errors) = report.told(shape);
    warnings.into_iter().for_each(|warning| cx.warn(warning));
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

/// Why there is no object, as an entry says it: the last message, without its further paragraphs.
fn reason(said: &Diagnostics) -> String {
    said.iter().last().map_or_else(String::new, |said| {
        let first = said.detail.split("\n\n").next().unwrap_or_default();
        format!("{}: {first}", said.summary)
    })
}

fn incomplete(objects: &str, missing: usize, all: usize) -> Diagnostic {
    Diagnostic::warning("Fleet is not complete").detail(format!(
        "{missing} of {all} {objects} could not be done, for the reasons that follow; the others stand. \
         The problem of each is in {RESULTS}[…].problem. The next apply goes on with those that are \
         missing; a postcondition on problem makes a run fail until none is."
    ))
    .at(objects)
}
