//! Log lines as Terraform reads them: one JSON object per line of standard error.
//!
//! Terraform ends at a line whose `@` fields are not text or whose time has not exactly six digits of a
//! second, and tears a line of 64 KiB or more apart. Only our own events are written: what libraries
//! log at their most talkative includes headers and with them credentials.

use std::fmt;
use std::io::{self, Write};

use serde_json::{Map, Value as Json};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Scope};

/// Variables that set the level, the most specific first.
const VARIABLES: [&str; 3] = ["TF_LOG_PROVIDER_AWSBILLING", "TF_LOG_PROVIDER", "TF_LOG"];

/// Where our own events come from.
const OURS: &str = "awsbilling";

/// Bytes of a line with its end.
const MAX_LINE: usize = 64 * 1024 - 1;

const TIMESTAMP: &[BorrowedFormatItem] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// Writes the process's log from now on, if the environment asks for one.
pub(super) fn start(variable: impl Fn(&str) -> Option<String>) {
    let level = level(variable);
    if level == LevelFilter::OFF {
        return;
    }
    let ours = Targets::new().with_target(OURS, level);
    let subscriber = tracing_subscriber::registry().with(LogLines.with_filter(ours));
    // A subscriber that is there already was put there on purpose, by a test.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

fn level(variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let word = VARIABLES
        .iter()
        .find_map(|name| variable(name).filter(|word| !word.is_empty()));
    match word.map(|word| word.to_ascii_uppercase()).as_deref() {
        None | Some("OFF") => LevelFilter::OFF,
        Some("ERROR") => LevelFilter::ERROR,
        Some("WARN") => LevelFilter::WARN,
        Some("INFO") => LevelFilter::INFO,
        Some("DEBUG") => LevelFilter::DEBUG,
        // TRACE and JSON, and what Terraform takes for TRACE because it knows no such level.
        Some(_) => LevelFilter::TRACE,
    }
}

struct LogLines;

/// Fields of a span, kept with it for the events within.
struct Fields(Map<String, Json>);

impl<S> Layer<S> for LogLines
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields(Map::new());
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields(Map::new());
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(Scope::from_root)
        {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.0.extend(outer.0.clone());
            }
        }
        event.record(&mut fields);
        let metadata = event.metadata();
        let module = metadata.target().replace("::", ".");
        let mut line = line(
            OffsetDateTime::now_utc(),
            *metadata.level(),
            &module,
            fields.0,
        );
        line.push('\n');
        // Nobody is left to tell where standard error is closed.
        let _ = io::stderr().lock().write_all(line.as_bytes());
    }
}

/// One line without its end.
fn line(now: OffsetDateTime, level: Level, module: &str, mut fields: Map<String, Json>) -> String {
    let message = fields.remove("message").unwrap_or_default();
    let message = message.as_str().unwrap_or_default().to_owned();
    let fixed = [
        ("@level", level.as_str().to_ascii_lowercase()),
        ("@message", message),
        ("@module", module.to_owned()),
        ("@timestamp", now.format(TIMESTAMP).unwrap_or_default()),
    ];
    fields.extend(fixed.map(|(key, text)| (key.to_owned(), Json::String(text))));

    let mut longest = MAX_LINE / 4;
    loop {
        let line = Json::Object(fields).to_string();
        if line.len() < MAX_LINE || longest == 0 {
            return line;
        }
        fields = shortened(&line, longest);
        longest /= 2;
    }
}

/// The line's fields with every long text cut.
fn shortened(line: &str, longest: usize) -> Map<String, Json> {
    let mut fields: Map<String, Json> = serde_json::from_str(line).unwrap_or_default();
    for (key, value) in &mut fields {
        if let Json::String(text) = value
            && !matches!(key.as_str(), "@level" | "@module" | "@timestamp")
            && text.len() > longest
        {
            text.truncate(text.floor_char_boundary(longest));
            text.push('…');
        }
    }
    fields
}

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Json>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn the_most_specific_variable_wins() {
        let level_of = |variables: &[(&str, &str)]| {
            level(|name| {
                let found = variables.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(level_of(&[]), LevelFilter::OFF);
        assert_eq!(level_of(&[("TF_LOG", "debug")]), LevelFilter::DEBUG);
        assert_eq!(level_of(&[("TF_LOG", "json")]), LevelFilter::TRACE);
        assert_eq!(
            level_of(&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "WARN")]),
            LevelFilter::WARN
        );
        assert_eq!(
            level_of(&[
                ("TF_LOG_PROVIDER", "TRACE"),
                ("TF_LOG_PROVIDER_AWSBILLING", "OFF")
            ]),
            LevelFilter::OFF
        );
    }

    #[test]
    fn the_time_has_six_digits_even_on_the_second() {
        let line = line(OffsetDateTime::UNIX_EPOCH, Level::WARN, "m", Map::new());
        let read: Json = serde_json::from_str(&line).unwrap();
        assert_eq!(
            read,
            json!({"@level": "warn", "@message": "", "@module": "m",
                   "@timestamp": "1970-01-01T00:00:00.000000Z"})
        );
    }

    #[test]
    fn a_long_line_is_cut_and_stays_one_object() {
        for character in ["x", "é", "\u{1}", "\""] {
            let long = character.repeat(200_000);
            let fields = json!({"message": long, "tf_rpc": "Plan", "a": long, "b": long, "n": 5});
            let line = line(
                OffsetDateTime::UNIX_EPOCH,
                Level::INFO,
                "m",
                fields.as_object().unwrap().clone(),
            );
            assert!(line.len() < MAX_LINE, "{}", line.len());
            let read: Json = serde_json::from_str(&line).unwrap();
            assert_eq!((&read["tf_rpc"], &read["n"]), (&json!("Plan"), &json!(5)));
            assert!(read["@message"].as_str().unwrap().starts_with(character));
        }
    }
}
