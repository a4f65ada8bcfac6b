//! A provider for things in a small world, which uses every feature of the framework once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use awsbilling::framework::erased::MoveRequest;
use awsbilling::framework::model::{Choice, Model};
use awsbilling::framework::{
    Catalog, Change, Client, Computed, Cx, DataSource, Diagnostic, Diagnostics, DomainText,
    EphemeralResource, Function, ImportId, Page, Partial, Provider, Resource, Result, Secret,
    Timeouts, WriteOnly,
};

const PAGE: Page = Page {
    subcategory: "Samples",
    permissions: &[],
};

/// Worlds by the name in the provider block, as real services are known by their endpoint.
static WORLDS: LazyLock<Mutex<BTreeMap<String, World>>> = LazyLock::new(Mutex::default);

/// What exists, and what goes wrong.
#[derive(Clone, Default)]
pub struct World(Arc<Mutex<Inner>>);

#[derive(Default)]
pub struct Inner {
    pub things: BTreeMap<String, Thing>,
    pub fault: Option<Fault>,
    pub token: Option<String>,
    pub closed: Vec<String>,
    pub terraform_version: String,
    /// Time that the last creation or deletion had.
    pub limit: Option<Duration>,
    counter: i64,
}

/// What goes wrong in the next creation, update or deletion.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Before,
    AfterSaving,
    PanicAfterSaving,
    Waiting,
    Lying,
}

impl World {
    /// World of the name, made at first use.
    pub fn named(name: &str) -> Self {
        let mut worlds = WORLDS.lock().unwrap();
        worlds.entry(name.to_owned()).or_default().clone()
    }

    pub fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    fn fault(&self) -> Option<Fault> {
        self.with(|world| world.fault.take())
    }

    fn count(&self) -> i64 {
        self.with(|world| {
            world.counter += 1;
            world.counter
        })
    }
}

/// Three capital letters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(String);

impl DomainText for Code {
    fn parse(text: &str) -> Result<Self, String> {
        let sound = text.len() == 3 && text.chars().all(|c| c.is_ascii_uppercase());
        sound
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| format!("Expected three capital letters, got {text:?}."))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Handling.
#[derive(Clone, Copy, Debug, PartialEq, Choice)]
pub enum Handling {
    /// Without force.
    Gentle,
    /// With force.
    #[choice("ROUGH")]
    Rough,
}

/// Part of a thing.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Part {
    /// Kind of part.
    pub kind: Code,
    /// Number of pieces.
    #[attr(default = 1)]
    pub count: i64,
    /// Serial number.
    #[attr(stable)]
    pub serial: Computed<String>,
}

/// Label on a thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Model)]
pub struct Label {
    /// Text on it.
    pub text: String,
    /// Language of the text.
    pub language: Option<String>,
}

/// Room where a thing stands.
#[derive(Clone, Debug, PartialEq, Model)]
#[model(conflicts(floor, tower))]
pub struct Room {
    /// Floor of the room.
    #[attr(replace)]
    pub floor: Option<i64>,
    /// Tower with the room.
    pub tower: Option<Code>,
}

/// Owner of a thing.
#[derive(Clone, Debug, PartialEq, Model)]
#[model(conflicts(initials, nickname))]
pub struct Owner {
    /// Full name.
    pub full_name: String,
    /// First letters of the names.
    pub initials: Option<Code>,
    /// Other name.
    pub nickname: Option<String>,
    /// Secret word, never stored.
    pub word: WriteOnly<String>,
    /// Number in the register.
    pub register_number: Computed<i64>,
}

/// Rule for handling a thing.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Rule {
    /// What is allowed.
    #[attr(name = "type")]
    pub kind: String,
    /// How long it holds.
    #[attr(default = 7)]
    pub days: i64,
    /// Exceptions from the rule.
    #[attr(block)]
    pub exception: Vec<Exception>,
}

/// Exception from a rule.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Exception {
    /// Why the rule does not hold.
    #[attr(default = "none given")]
    pub reason: String,
}

/// Thing in a small world.
#[derive(Clone, Debug, PartialEq, Model)]
#[model(version = 1, exactly_one_of(weight, volume), requires(notes, title))]
pub struct Thing {
    /// Code of the thing.
    #[attr(identity, replace)]
    pub code: Code,
    /// Shelf that the thing stands on.
    #[attr(identity = "optional")]
    pub shelf: Computed<String>,
    /// Title of the thing.
    pub title: Option<String>,
    /// Notes about the thing.
    pub notes: Option<String>,
    /// Weight in grams.
    pub weight: Option<i64>,
    /// Volume in litres.
    pub volume: Option<i64>,
    /// How it is handled.
    #[attr(default = Handling::Gentle)]
    pub handling: Handling,
    /// Identifier given by the world.
    #[attr(stable)]
    pub id: Computed<String>,
    /// Number of the last change.
    pub revision: Computed<i64>,
    /// Colour, grey by itself.
    #[attr(optional, replace)]
    pub colour: Computed<String>,
    /// Place to send it to.
    #[attr(optional)]
    pub address: Computed<Owner>,
    /// Secret inscription.
    pub inscription: Option<Secret<Code>>,
    /// Token for the change.
    pub token: WriteOnly<String>,
    /// Old name of the title.
    #[attr(deprecated = "Use title instead.")]
    pub caption: Option<String>,
    /// Parts in order.
    pub parts: Option<Vec<Part>>,
    /// Labels on it.
    pub labels: Option<BTreeSet<Label>>,
    /// Rooms by name.
    pub rooms: Option<BTreeMap<Code, Room>>,
    /// Owner of it.
    pub owner: Option<Owner>,
    /// Rules for it.
    #[attr(block)]
    pub rule: Vec<Rule>,
    /// Insurance for it.
    #[attr(block)]
    pub insurance: Option<Exception>,
    /// Marks, in no order.
    #[attr(block)]
    pub mark: BTreeSet<Label>,
    /// Time limits.
    #[attr(timeouts(create = "20m", delete = "1h30m"))]
    pub timeouts: Timeouts,
    /// Tags of the thing.
    #[attr(tags)]
    pub tags: Option<BTreeMap<String, String>>,
    /// Tags together with the provider's.
    #[attr(tags_all)]
    pub tags_all: Computed<BTreeMap<String, String>>,
}

impl Thing {
    /// What the world makes of a plan: everything known.
    fn made(mut self, world: &World) -> Self {
        let number = world.count();
        fill(&mut self.shelf, || "A1".to_owned());
        fill(&mut self.id, || format!("thing-{number}"));
        self.revision = Computed::Known(number);
        fill(&mut self.colour, || "grey".to_owned());
        if let Computed::Known(owner) = &mut self.address {
            fill(&mut owner.register_number, || 7);
        } else {
            self.address = Computed::Null;
        }
        for part in self.parts.iter_mut().flatten() {
            fill(&mut part.serial, || format!("part-{number}"));
        }
        if let Some(owner) = &mut self.owner {
            fill(&mut owner.register_number, || number);
        }
        fill(&mut self.tags_all, BTreeMap::new);
        self
    }
}

fn fill<T>(value: &mut Computed<T>, with: impl FnOnce() -> T) {
    if matches!(value, Computed::Unknown) {
        *value = Computed::Known(with());
    }
}

/// Resource of things.
struct Things(Session);

impl Things {
    async fn go_wrong(&self, cx: &Cx, thing: &Thing) -> Result<()> {
        let limit = cx.deadline().map(|end| end - tokio::time::Instant::now());
        self.0.world.with(|world| world.limit = limit);
        let failed = Diagnostic::error("World out of order");
        match self.0.world.fault() {
            None | Some(Fault::Lying) => Ok(()),
            Some(Fault::Before) => Err(failed),
            Some(Fault::AfterSaving) => {
                cx.set_private("step", "saved");
                cx.save(thing);
                Err(failed)
            }
            Some(Fault::PanicAfterSaving) => {
                cx.set_private("step", "saved");
                cx.save(thing);
                panic!("the world ended")
            }
            Some(Fault::Waiting) => {
                cx.save(thing);
                cx.sleep(Duration::from_hours(10_000)).await?;
                Ok(())
            }
        }
    }
}

impl Resource for Things {
    const NAME: &'static str = "thing";
    const PAGE: Page = PAGE;
    type Model = Thing;
    type Client = Session;

    fn new(client: Session) -> Self {
        Self(client)
    }

    fn validate(config: &PartialThing, problems: &mut Diagnostics) {
        if config.weight.given().is_some_and(|weight| *weight < 0) {
            problems.push(Diagnostic::error("Impossible weight").at("weight"));
        }
        assert_ne!(
            config.title.given().map(String::as_str),
            Some("panic"),
            "asked for"
        );
    }

    async fn plan(&self, _cx: &Cx, change: &mut Change<Thing>) -> Result<()> {
        if let Partial::Known(code) = &change.planned.code {
            change.planned.shelf = Computed::Known(format!("shelf of {code}"));
        }
        if let (Some(prior), Some(volume)) = (&change.prior, change.planned.volume.given())
            && prior.volume.is_some_and(|before| before > *volume)
        {
            change.require_replace("volume");
        }
        if change.config.title.given().is_some_and(|t| t == "refused") {
            return Err(Diagnostic::error("Refused title").at("title"));
        }
        Ok(())
    }

    async fn plan_destroy(&self, cx: &Cx, state: Thing) -> Result<()> {
        cx.warn(Diagnostic::warning("Thing is lost").detail(state.code.to_string()));
        Ok(())
    }

    async fn create(&self, cx: &Cx, plan: Thing) -> Result<Thing> {
        let lying = self.0.world.with(|world| world.fault == Some(Fault::Lying));
        self.go_wrong(cx, &plan).await?;
        let token = plan.token.expose().cloned();
        let mut thing = plan.made(&self.0.world);
        if lying {
            thing.title = Some("another".to_owned());
        }
        cx.set_private("made", "once");
        self.0.world.with(|world| {
            world.token = token;
            world.things.insert(thing.code.to_string(), thing.clone());
        });
        Ok(thing)
    }

    async fn read(&self, cx: &Cx, state: Thing) -> Result<Option<Thing>> {
        if cx.private("made").is_none() {
            cx.warn(Diagnostic::warning("Found, not made"));
        }
        let found = self
            .0
            .world
            .with(|world| world.things.get(&state.code.to_string()).cloned());
        Ok(found.map(|thing| Thing {
            timeouts: state.timeouts,
            ..thing
        }))
    }

    async fn update(&self, cx: &Cx, _prior: Thing, plan: Thing) -> Result<Thing> {
        self.create(cx, plan).await
    }

    async fn delete(&self, cx: &Cx, state: Thing) -> Result<()> {
        self.go_wrong(cx, &state).await?;
        self.0
            .world
            .with(|world| world.things.remove(&state.code.to_string()));
        Ok(())
    }

    async fn import(&self, _cx: &Cx, id: ImportId) -> Result<Thing> {
        let code = match &id {
            ImportId::Text(text) => text,
            ImportId::Identity(parts) => parts.get("code").map_or("", String::as_str),
        };
        Ok(bare(Code::parse(code).map_err(|why| {
            Diagnostic::error("Invalid ID").detail(why)
        })?))
    }

    fn upgrade(version: i64, state: serde_json::Value) -> Result<Thing> {
        assert_eq!(version, 0, "only version 0 is old");
        let code = state["label"].as_str().unwrap_or_default();
        Ok(bare(Code::parse(code).map_err(|why| {
            Diagnostic::error("Invalid state").detail(why)
        })?))
    }

    fn move_from(source: &MoveRequest) -> Result<Option<Thing>> {
        let code = source.source_state["serial"]
            .as_str()
            .and_then(|text| Code::parse(text).ok());
        Ok(code
            .filter(|_| source.source_type_name == "other_item")
            .map(bare))
    }
}

/// A thing of which no more than the code is known.
fn bare(code: Code) -> Thing {
    Thing {
        code,
        shelf: Computed::Unknown,
        title: None,
        notes: None,
        weight: None,
        volume: None,
        handling: Handling::Gentle,
        id: Computed::Unknown,
        revision: Computed::Unknown,
        colour: Computed::Unknown,
        address: Computed::Unknown,
        inscription: None,
        token: WriteOnly::default(),
        caption: None,
        parts: None,
        labels: None,
        rooms: None,
        owner: None,
        rule: Vec::new(),
        insurance: None,
        mark: BTreeSet::new(),
        timeouts: Timeouts::none(),
        tags: None,
        tags_all: Computed::Unknown,
    }
}

/// Search for things.
#[derive(Clone, Debug, Model)]
pub struct Search {
    /// First letter of the codes.
    pub prefix: Option<String>,
    /// Codes that were found.
    pub codes: Computed<Vec<String>>,
}

struct Searches(Session);

impl DataSource for Searches {
    const NAME: &'static str = "things";
    const PAGE: Page = PAGE;
    type Model = Search;
    type Client = Session;

    fn new(client: Session) -> Self {
        Self(client)
    }

    async fn read(&self, _cx: &Cx, config: Search) -> Result<Search> {
        let prefix = config.prefix.clone().unwrap_or_default();
        let codes = self.0.world.with(|world| {
            let codes = world.things.keys().filter(|code| code.starts_with(&prefix));
            codes.cloned().collect()
        });
        Ok(Search {
            codes: Computed::Known(codes),
            ..config
        })
    }
}

/// Key that opens a thing for a while.
#[derive(Clone, Debug, Model)]
pub struct Key {
    /// Code of the thing.
    pub code: Code,
    /// Key itself.
    pub key: Computed<Secret<String>>,
}

struct Keys(Session);

impl EphemeralResource for Keys {
    const NAME: &'static str = "key";
    const PAGE: Page = PAGE;
    type Model = Key;
    type Client = Session;

    fn new(client: Session) -> Self {
        Self(client)
    }

    async fn open(&self, cx: &Cx, config: Key) -> Result<(Key, Option<time::OffsetDateTime>)> {
        cx.set_private("code", config.code.to_string());
        let key = Computed::Known(Secret::from(format!("key to {}", config.code)));
        Ok((
            Key { key, ..config },
            Some(cx.now() + Duration::from_mins(5)),
        ))
    }

    async fn renew(&self, cx: &Cx) -> Result<Option<time::OffsetDateTime>> {
        assert!(cx.private("code").is_some(), "renewed without its notes");
        Ok(Some(cx.now() + Duration::from_mins(5)))
    }

    async fn close(&self, cx: &Cx) -> Result<()> {
        let code = cx.private("code").unwrap_or_default();
        self.0.world.with(|world| world.closed.push(code));
        Ok(())
    }
}

/// Parameters of the sum.
#[derive(Clone, Debug, Model)]
pub struct Summands {
    /// First number.
    pub first: i64,
    /// Second number.
    pub second: i64,
}

struct Sum;

impl Function for Sum {
    const NAME: &'static str = "sum";
    const SUMMARY: &'static str = "Adds two numbers.";
    type Parameters = Summands;
    type Output = i64;

    fn call(parameters: Summands) -> Result<i64> {
        parameters
            .first
            .checked_add(parameters.second)
            .filter(|_| parameters.second != 13)
            .ok_or_else(|| {
                Diagnostic::error("No sum")
                    .detail("Too large.")
                    .at("second")
            })
    }
}

/// Sample provider.
#[derive(Clone, Debug, Model)]
pub struct Config {
    /// Name of the world.
    pub world: String,
    /// Tags for all things.
    pub default_tags: Option<BTreeMap<String, String>>,
    /// Password to the world.
    pub password: Option<Secret<String>>,
}

/// What configuring the sample makes.
#[derive(Clone)]
pub struct Session {
    world: World,
    default_tags: Arc<BTreeMap<String, String>>,
}

impl Client for Session {
    fn default_tags(&self) -> &BTreeMap<String, String> {
        &self.default_tags
    }
}

/// The provider.
pub struct Sample;

impl Provider for Sample {
    const NAME: &'static str = "sample";
    type Config = Config;
    type Client = Session;

    async fn configure(cx: &Cx, config: Config, terraform_version: &str) -> Result<Session> {
        if config.world == "locked" {
            return Err(Diagnostic::error("World is locked").at("world"));
        }
        if config.password.is_none() {
            cx.warn(Diagnostic::warning("Without password"));
        }
        let world = World::named(&config.world);
        world.with(|world| terraform_version.clone_into(&mut world.terraform_version));
        Ok(Session {
            world,
            default_tags: Arc::new(config.default_tags.unwrap_or_default()),
        })
    }

    fn catalog() -> Catalog<Session> {
        Catalog::new()
            .resource::<Things>()
            .data_source::<Searches>()
            .ephemeral::<Keys>()
            .function::<Sum>()
    }
}
