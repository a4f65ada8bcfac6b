//! What every call has in common, as one interceptor: user agent, log, AWS's clock, and the pace.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextMut, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::super::error::request_id;
use super::super::pace::Pace;
use super::super::types::AccountId;

/// Codes by which AWS says that it was asked too often.
const THROTTLING: &[&str] = &[
    "TooManyRequestsException",
    "ThrottlingException",
    "Throttling",
    "SlowDown",
];

/// Watches the calls of one session.
#[derive(Clone, Debug)]
pub(super) struct Observer {
    pub(super) account: Option<AccountId>,
    pub(super) pace: Arc<Pace>,
    pub(super) clock: Arc<ServerClock>,
    pub(super) user_agent: Arc<UserAgent>,
}

#[dyn_dispatch_hint]
impl Intercept for Observer {
    fn name(&self) -> &'static str {
        "Observer"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.request_mut().headers_mut();
        let user_agent = self
            .user_agent
            .around(headers.get("user-agent").unwrap_or_default());
        headers.try_insert("user-agent", user_agent)?;
        // The first attempt has waited for its turn; those that the SDK adds count afterwards.
        if attempt(cfg) > 1
            && let Some(operation) = cfg.load::<Metadata>()
        {
            self.pace.count(operation.name(), self.account.as_ref());
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(operation) = cfg.load::<Metadata>() else {
            return Ok(());
        };
        let response = context.response();
        if let Some(response) = response {
            self.clock.learn(response);
            match error_code(response) {
                None => self.pace.succeeded(operation.name(), self.account.as_ref()),
                Some(code) if THROTTLING.contains(&code.as_str()) => {
                    self.pace.throttled(operation.name(), self.account.as_ref());
                }
                Some(_) => {}
            }
        }
        tracing::debug!(
            rpc.system = "aws-api",
            rpc.service = operation.service(),
            rpc.method = operation.name(),
            http.response.status_code = response.map(|response| response.status().as_u16()),
            aws.request_id = response.and_then(request_id),
            "error.type" = response.and_then(error_code),
            attempt = attempt(cfg),
            "Called AWS"
        );
        Ok(())
    }
}

fn attempt(cfg: &ConfigBag) -> u32 {
    cfg.load::<RequestAttempts>()
        .map_or(1, |attempts| attempts.attempts())
}

/// AWS's code in an answer of the JSON protocol that is not a success; other protocols have none here.
fn error_code(response: &HttpResponse) -> Option<String> {
    if response.status().is_success() {
        return None;
    }
    #[derive(serde::Deserialize)]
    struct Body {
        #[serde(rename = "__type")]
        code: String,
    }
    let body: Body = serde_json::from_slice(response.body().bytes()?).ok()?;
    Some(body.code.rsplit('#').next().unwrap_or_default().to_owned())
}

/// Time of day at AWS, as the last answer told it.
#[derive(Debug, Default)]
pub(super) struct ServerClock(Mutex<Option<(OffsetDateTime, Instant)>>);

impl ServerClock {
    /// What AWS's clock shows now; `None` before the first answer.
    pub(super) fn now(&self) -> Option<OffsetDateTime> {
        let (told, at) = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(told + at.elapsed())
    }

    fn learn(&self, response: &HttpResponse) {
        let told = response.headers().get("date").and_then(|date| {
            let date = aws_smithy_types::DateTime::from_str(date, Format::HttpDate).ok()?;
            OffsetDateTime::from_unix_timestamp(date.secs()).ok()
        });
        if let Some(told) = told {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((told, Instant::now()));
        }
    }
}

/// How the provider names itself to AWS, around the SDK's own words.
#[derive(Debug)]
pub(super) struct UserAgent {
    before: String,
    after: Option<String>,
}

impl UserAgent {
    /// `after` is what the user wants to see in AWS's logs (`TF_APPEND_USER_AGENT`).
    pub(super) fn new(terraform_version: &str, after: Option<&str>) -> Self {
        let visible = |text: &str| {
            text.chars()
                .filter(|c| matches!(c, ' '..='~'))
                .collect::<String>()
        };
        Self {
            before: format!(
                "Terraform/{} (+https://www.terraform.io) terraform-provider-awsbilling/{} \
                 (+https://registry.terraform.io/providers/awsbilling/awsbilling)",
                visible(terraform_version),
                env!("CARGO_PKG_VERSION"),
            ),
            after: after.map(visible),
        }
    }

    fn around(&self, sdk: &str) -> String {
        let parts = [Some(self.before.as_str()), Some(sdk), self.after.as_deref()];
        let parts: Vec<&str> = parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        parts.join(" ")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_user_agent_names_terraform_first_and_the_user_last() {
        let agent = UserAgent::new("1.11.4", Some("ci/42\r\n"));
        let text = agent.around("aws-sdk-rust/1.0");
        assert!(text.starts_with(
            "Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-awsbilling/"
        ));
        assert!(text.ends_with(" aws-sdk-rust/1.0 ci/42"), "{text}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_clock_goes_on_from_the_last_answer() {
        let clock = ServerClock::default();
        assert_eq!(clock.now(), None);
        let mut response = HttpResponse::new(StatusCode::try_from(200).unwrap(), SdkBody::empty());
        response
            .headers_mut()
            .insert("date", "Mon, 02 Mar 2026 10:00:00 GMT");
        clock.learn(&response);
        tokio::time::advance(std::time::Duration::from_secs(90)).await;
        assert_eq!(clock.now(), Some(datetime!(2026-03-02 10:01:30 UTC)));
    }

    #[test]
    fn the_code_is_taken_from_the_type_of_the_answer() {
        let answer = |status: u16, body: &'static str| {
            HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body))
        };
        let code = |status, body| error_code(&answer(status, body));
        assert_eq!(
            code(400, r#"{"__type":"x#TooManyRequestsException"}"#).unwrap(),
            "TooManyRequestsException"
        );
        assert_eq!(code(400, "<xml/>"), None);
        assert_eq!(code(200, r#"{"__type":"x"}"#), None);
    }
}
